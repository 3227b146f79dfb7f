#!/usr/bin/env bats
# --step on a terminal: it waits before each step, a shell on either side sees the state as it is then, and q undoes all.

# bats sets stderr; what a shell inside is to expand is in single quotes
# shellcheck disable=SC2154,SC2016

load helpers
load container

setup_file() {
  command -v expect > /dev/null || skip "no expect"
  command -v tmux > /dev/null || skip "no tmux"
  export SHELL=/bin/sh NO_COLOR=1
}

@test "both shells work at every step and see the state as it is then" {
  minirun load "$BUSYBOX"
  step_ids() { "$MINIRUN" -h box --break-after no-such-step "$BUSYBOX" true 2>&1 | sed -n 's/^hint: its steps are: //p' | tr -d ',' | tr ' ' '\n'; }
  step_ids > "$WORK/ids"
  run "$top/tests/e2e/step.exp" "$WORK/log" "$MINIRUN" --step -h box "$BUSYBOX" sh -c 'exit 7'
  [ "$status" -eq 7 ] || fail "$(tail -n 3 "$WORK/log")"
  (echo open-archive && cat "$WORK/ids") | diff - <(cut -d ' ' -f 1 "$WORK/log") || fail "it stops at other steps"
  host=$(awk '{ print $2 }' "$WORK/log" | sort -u)
  [ "$host" = "host:$(hostname):$(readlink /proc/self/ns/uts)" ] || fail "the host is not the same all the time: $host"
  inside() { awk -v id="$1" '$1 == id { print $3 }' "$WORK/log"; }
  [ "$(inside clone)" = inside:none ] || fail "a container before clone"
  # Each is the state before that step: still the host's, and then the container's own.
  own=$(cut -d : -f 3-4 <<< "$(inside hostname)")
  [[ "$(inside uts-namespace)" == "inside:$(hostname):$(readlink /proc/self/ns/uts):host:"* ]] || fail "uts too early"
  [[ "$(inside hostname)" == "inside:$(hostname):$own:host:"* ]] || fail "the hostname too early"
  [[ "$(inside session)" == "inside:box:$own:host:"* ]] || fail "no new hostname"
  [[ "$(inside pivot-root)" == "inside:box:$own:host:"* ]] || fail "pivoted too early"
  [[ "$(inside detach)" == "inside:box:$own:image:"* ]] || fail "not pivoted"
  mounts() { inside "$1" | cut -d : -f 6; }
  [ "$(mounts proc)" -eq $(($(mounts overlay) + 1)) ] || fail "overlay is not one mount more"
  [ "$(mounts limits)" -lt $(($(mounts pivot-root) - 5)) ] || fail "the host's mounts are still there"
  [ "$(inside wait)" = inside:ended ] || fail "the program has not ended: $(inside wait)"
  nothing_is_left
}

# A terminal that a person could sit at: tmux, 100 columns.
tm() { tmux -S "$WORK/tmux" "$@"; }
open_terminal() {
  tm -f /dev/null new-session -d -x 100 -y 50 "exec /bin/sh"
  sleep 0.2
}
shown() { tm capture-pane -p -S - -t 0; }
shows_text() { shown | grep -qF -- "$1"; }
shows_prompt() { shown | grep -qE '^inside [/~] #'; } # ~ is busybox 1.37's word for HOME
types() { tm send-keys -t 0 "$@"; }
teardown() {
  tm kill-server 2> /dev/null || true
  sleep 0.2 # its shell stands in there
  umount "$WORK" || { umount -l "$WORK" && return 1; }
}

@test "q undoes all and exits with 125, and the terminal is as it was" {
  minirun load "$BUSYBOX"
  open_terminal
  types "stty -a > $WORK/stty-before; $MINIRUN --step $BUSYBOX sh; echo status=\$?; stty -a > $WORK/stty-after" Enter
  eventually shows_text '[q] undo'
  for ((turn = 0; turn < 20; turn++)); do
    types Enter
    sleep 0.05
  done
  eventually shows_text 'step 20/'
  types q
  eventually shows_text 'status=125'
  shows_text 'as you asked; what was done is undone' || fail "not said"
  shows_text 'undo  cgroup' || fail "undoing is not told"
  eventually diff "$WORK/stty-before" "$WORK/stty-after"
  nothing_is_left
}

@test "Ctrl-C while it waits is q; so is a terminal that goes away" {
  minirun load "$BUSYBOX"
  open_terminal
  types "$MINIRUN --step $BUSYBOX sh; echo status=\$?" Enter
  eventually shows_text '[q] undo'
  types Enter Enter Enter C-c
  eventually shows_text 'status=125'
  nothing_is_left
  types "$MINIRUN --step --name gone $BUSYBOX sh" Enter
  eventually shows_text 'step 1/'
  types Enter Enter Enter Enter Enter Enter Enter Enter
  eventually test -e "$MINIRUN_ROOT/names/gone"
  tm kill-server
  eventually test ! -e "$MINIRUN_ROOT/names/gone"
  nothing_is_left
}

@test "e prints the step's essay, c does the rest, and other keys do nothing" {
  minirun load "$BUSYBOX"
  open_terminal
  types "clear; $MINIRUN --step $BUSYBOX echo it ran; echo status=\$?" Enter
  eventually shows_text '[q] undo'
  types x y z 1
  sleep 0.2
  if shows_text 'step 2/'; then fail "another key goes on"; fi
  types Enter Enter e
  essay=$(tail -n 1 "$top/runner/tell/essays/file-state.txt")
  [ -n "$essay" ] || fail "no essay"
  eventually shows_text "$essay"
  types c
  eventually shows_text 'status=0'
  shows_text 'it ran' || fail "it did not run"
  shows_text 'end: exit status 0' || fail "the rest is not told"
  nothing_is_left
}

@test "the shell inside is interactive: job control, Ctrl-C, and what it starts does not outlive the container" {
  minirun load "$BUSYBOX"
  open_terminal
  types "$MINIRUN --step -h box $BUSYBOX sleep 60; echo status=\$?" Enter
  eventually shows_text '[q] undo'
  for ((turn = 0; turn < 70; turn++)); do # up to wait, where the program runs
    if shows_text '  wait '; then break; fi
    types Enter
    sleep 0.05
  done
  eventually shows_text '  wait '
  types n
  eventually shows_prompt
  types 'ps; sleep 1000' Enter
  eventually shows_text 'sleep 60'
  types C-c
  types 'echo back:$?; sleep 2000 & jobs' Enter
  eventually shows_text 'back:130'
  eventually shows_text 'Running'
  shows_text "can't access tty" && fail "no job control"
  types 'cat /proc/1/comm; exit' Enter
  eventually shows_text '[q] undo'
  types q
  eventually shows_text 'status=125'
  eventually sh -c '! pgrep -f "^sleep 2000"'
  nothing_is_left
}

@test "--step where there is no terminal says so" {
  run --separate-stderr setsid -w "$MINIRUN" --step "$BUSYBOX" true
  says_no 'no terminal'
  nothing_is_left
}
