#!/bin/bash
# minirun's speed, as ratios: README.md in this directory says what is compared and why that is fair.
#
#     make bench                          or: sudo tests/bench/run.sh [warm] [cold] [relay]
#     ROUNDS=15 RUNS=40 COLD_ROUNDS=9     more rounds, steadier medians
#
# Needs root, hyperfine, bubblewrap, crun, libarchive-tools, jq, gcc; for the tree to load mmdebstrap and a Debian mirror,
# or any /usr/lib. Everything timed lies on a tmpfs that is gone afterwards; build/bench keeps what is costly to make.
set -euo pipefail
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=$top/build/bench
minirun=${MINIRUN:-$top/build/minirun}
rounds=${ROUNDS:-9} runs=${RUNS:-30} cold_rounds=${COLD_ROUNDS:-7}

die() { echo "bench: $*" >&2; exit 1; }
say() { echo "bench: $*" >&2; }

# --- what is measured with -------------------------------------------------------------------------------------------

build_programs() {
  mkdir -p "$cache"
  make -s -C "$top" build/seccomp_bpf.inc
  sed 's/^constexpr/static const/' "$top/build/seccomp_bpf.inc" > "$cache/seccomp_bpf_c.inc"
  gcc -static -O2 -Wall -Wextra -Wno-unused-const-variable -I"$cache" -o "$cache/floor" "$here/floor.c"
  gcc -O2 -Wall -Wextra -o "$cache/measure" "$here/measure.c"
  echo 'int main(void) { return 0; }' | gcc -static -O2 -x c -o "$cache/true" -
}

# A docker archive of one layer: docker_archive LAYER.tar ARCHIVE.tar PROGRAM
docker_archive() {
  local dir diff_id config
  dir=$(mktemp -d -p "$work")
  diff_id=$(sha256sum < "$1" | cut -d' ' -f1)
  cp "$1" "$dir/layer.tar"
  printf '{"architecture":"%s","os":"linux","config":{"Cmd":["%s"],"Env":["PATH=/bin"]},%s}' \
    "$(dpkg --print-architecture)" "$3" \
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$diff_id\"]}" > "$dir/config.json"
  config=$(sha256sum < "$dir/config.json" | cut -d' ' -f1)
  mv "$dir/config.json" "$dir/$config.json"
  printf '[{"Config":"%s.json","RepoTags":["bench:latest"],"Layers":["layer.tar"]}]' "$config" > "$dir/manifest.json"
  tar -C "$dir" --owner=0 --group=0 --numeric-owner -cf "$2" manifest.json "$config.json" layer.tar
  rm -r "$dir"
}

# The middle one of the numbers on standard input.
median() { sort -g | awk '{v[NR] = $1} END {if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# --- warm start ------------------------------------------------------------------------------------------------------

warm_setup() {
  mkdir -p "$work/rootfs"/{proc,sys,dev,etc} "$work/lower" "$work/floor" "$work/bundle" "$work/times"
  cp "$cache/true" "$work/lower/true"
  cp "$cache/true" "$work/rootfs/true"
  tar -C "$work/lower" --owner=0 --group=0 -cf "$work/true-layer.tar" true
  docker_archive "$work/true-layer.tar" "$work/true.tar" /true
  gzip -k "$work/true.tar"
  (cd "$work/bundle" && crun spec)
  jq --arg rootfs "$work/rootfs" \
    '.process.terminal = false | .process.args = ["/true"] | .root.path = $rootfs' \
    "$work/bundle/config.json" > "$work/bundle/new.json"
  mv "$work/bundle/new.json" "$work/bundle/config.json"
  cgroup2=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)
  [ -n "$cgroup2" ] || die "no cgroup v2 is mounted"
  mkdir -p "$cgroup2/minirun-bench"

  names=(alone floor batch bwrap crun)
  declare -gA command=(
    [alone]="$cache/true"
    [floor]="$cache/floor $work/floor $work/lower $cgroup2/minirun-bench /true"
    [batch]="$cache/floor $work/floor $work/lower $cgroup2/minirun-bench /true batch"
    [bwrap]="bwrap --unshare-pid --unshare-uts --unshare-ipc --unshare-net --unshare-cgroup --hostname bench
             --die-with-parent --new-session --clearenv --bind $work/rootfs / --proc /proc --dev /dev
             --cap-drop ALL /true"
    [crun]="crun --root $work/crun run --bundle $work/bundle bench-$$"
  )
  if [ -x "$minirun" ]; then
    names+=(minirun)
    command[minirun]="$minirun --root $work/store $work/true.tar.gz"
    "$minirun" --root "$work/store" load "$work/true.tar.gz" > /dev/null
  else
    say "$minirun isn't built: measuring the others"
  fi
}

# time_one NAME ROUND: the median of some runs, in milliseconds, to times/NAME
time_one() {
  local line
  line=$(tr -s '\n ' ' ' <<< "${command[$1]}")
  local -a how=(hyperfine -N --style none --warmup 3 --runs "$runs" --export-json "$work/one.json" "$line")
  # crun 1.8 refuses a machine that has cgroup v1 and v2 mounted both; in a mount namespace of the measurement's own, v2 is
  # taken away first. That is outside what is timed.
  if [ "$1" = crun ] && mountpoint -q /sys/fs/cgroup/unified; then
    # shellcheck disable=SC2016  # $@ is the inner shell's
    how=(unshare -m sh -c 'umount /sys/fs/cgroup/unified && exec "$@"' sh "${how[@]}")
  fi
  "${how[@]}" > "$work/hyperfine.log" 2>&1 || { cat "$work/hyperfine.log" >&2; die "$1 failed"; }
  jq '.results[0].median * 1000' "$work/one.json" >> "$work/times/$1"
}

# ratio NAME OTHER: the median over the rounds of each round's ratio, so that a slow minute weighs on both
ratio() {
  [ -s "$work/times/$1" ] || return 0
  paste "$work/times/$1" "$work/times/$2" | awk '{print $1 / $2}' | median | xargs printf '%.2f'
}

warm() {
  local round name
  local -A label=(
    [alone]="the program alone" [floor]="floor, in lockstep" [batch]="floor, in one batch" [bwrap]="bwrap, same namespaces"
    [crun]="crun run, default spec" [minirun]="minirun, warm start")
  warm_setup
  for ((round = 1; round <= rounds; round++)); do
    say "warm start, round $round of $rounds"
    for name in "${names[@]}"; do time_one "$name"; done
  done
  rmdir "$cgroup2/minirun-bench"
  printf '\nWarm start of true(1), static: medians of %s rounds of %s runs\n\n' "$rounds" "$runs"
  printf '%-26s %8s %9s %9s %9s\n' "" "ms" "x floor" "x crun" "x bwrap"
  for name in "${names[@]}"; do
    printf '%-26s %8.2f %9s %9s %9s\n' "${label[$name]}" "$(median < "$work/times/$name")" \
      "$(ratio "$name" floor)" "$(ratio "$name" crun)" "$(ratio "$name" bwrap)"
  done
}

# --- cold load -------------------------------------------------------------------------------------------------------

cold_tree() {
  [ -s "$cache/layer.tar" ] && return
  say "making the tree to load, once"
  if command -v mmdebstrap > /dev/null && mmdebstrap --quiet --variant=minbase --include=python3 --format=tar \
    bookworm "$cache/layer.new" > "$cache/mmdebstrap.log" 2>&1; then
    # Debian packs devices; an image's layer has none.
    bsdtar -cf "$cache/layer.tar" --exclude './dev/*' "@$cache/layer.new"
  else
    say "no Debian mirror or mmdebstrap: a part of this machine's /usr/lib instead"
    tar -C / --owner=0 --group=0 --sort=name -cf "$cache/layer.tar" usr/lib/python3 usr/lib/python3.11 usr/lib/git-core \
      usr/lib/gcc usr/share/doc 2> "$cache/tar.log" || [ -s "$cache/layer.tar" ] || die "no tree to load"
  fi
  rm -f "$cache/layer.new"
}

# cold_one NAME PROGRAM...: into a directory that is new each time, "@" in the words
cold_one() {
  local name=$1 fresh=$work/fresh
  shift
  rm -rf "$fresh"
  mkdir "$fresh"
  "$cache/measure" "${@//@/$fresh}" 3>> "$work/cold/$name" > "$work/cold.log" 2>&1 ||
    { cat "$work/cold.log" >&2; die "$name failed"; }
  rm -rf "$fresh"
}

cold_row() { # NAME AGAINST LABEL
  [ -s "$work/cold/$1" ] || return 0
  local x
  x=$(paste "$work/cold/$1" "$work/cold/$2" | awk '{print $1 / $3}' | median)
  printf '%-34s %8.0f %9.2f %9.1f\n' "$3" "$(cut -d' ' -f1 "$work/cold/$1" | median)" "$x" \
    "$(cut -d' ' -f2 "$work/cold/$1" | sort -n | tail -n 1 | awk '{print $1 / 1000}')"
}

cold() {
  local round
  cold_tree
  mkdir -p "$work/cold"
  cp "$cache/layer.tar" "$work/layer.tar"
  docker_archive "$work/layer.tar" "$work/big.tar" /bin/true
  [ -s "$cache/layer.tar.gz" ] || gzip -6 -c "$work/layer.tar" > "$cache/layer.tar.gz"
  [ "$cache/big.tar.gz" -nt "$cache/layer.tar" ] || gzip -6 -c "$work/big.tar" > "$cache/big.tar.gz"
  cp "$cache/layer.tar.gz" "$cache/big.tar.gz" "$work/"
  for ((round = 1; round <= cold_rounds; round++)); do
    say "cold load, round $round of $cold_rounds"
    cold_one bsdtar-gz bsdtar -xzf "$work/layer.tar.gz" -C @
    [ ! -x "$minirun" ] || cold_one minirun-gz "$minirun" --root @ load "$work/big.tar.gz"
    cold_one bsdtar-tar bsdtar -xf "$work/layer.tar" -C @
    [ ! -x "$minirun" ] || cold_one minirun-tar "$minirun" --root @ load "$work/big.tar"
  done
  printf '\nCold load: %s members, %s MB, %s MB as .tar.gz; medians of %s rounds\n\n' \
    "$(tar -tf "$work/layer.tar" | wc -l)" "$(($(stat -c %s "$work/layer.tar") / 1000000))" \
    "$(($(stat -c %s "$work/big.tar.gz") / 1000000))" "$cold_rounds"
  printf '%-34s %8s %9s %9s\n' "" "ms" "x bsdtar" "peak MB"
  cold_row bsdtar-gz bsdtar-gz "bsdtar -xzf of the layer"
  cold_row minirun-gz bsdtar-gz "minirun load of the .tar.gz"
  cold_row bsdtar-tar bsdtar-tar "bsdtar -xf of the layer"
  cold_row minirun-tar bsdtar-tar "minirun load of the .tar"
}

# --- what the program reads and writes -------------------------------------------------------------------------------

# relay_one NAME COMMAND: milliseconds of a pipeline of a shell, to relay/NAME
relay_one() {
  "$cache/measure" sh -c "$2" 3>> "$work/relay/$1" > "$work/relay.log" 2>&1 || { cat "$work/relay.log" >&2; die "$1 failed"; }
}

relay_row() { # NAME AGAINST LABEL
  printf '%-42s %8.0f %9.2f\n' "$3" "$(cut -d' ' -f1 "$work/relay/$1" | median)" \
    "$(paste "$work/relay/$1" "$work/relay/$2" | awk '{print $1 / $3}' | median)"
}

relay() {
  local round bytes=$((4 << 30))
  local run="$minirun --root $work/store $work/bytes.tar"
  [ -x "$minirun" ] || return 0
  printf '#include <stdlib.h>\n#include <unistd.h>\nstatic char b[1 << 16];\nint main(int c, char** v) {\n%s\n}' \
    'if (c < 2) { while (read(0, b, sizeof b) > 0) {} return 0; }
     for (long n = atol(v[1]); n > 0; n -= (long)sizeof b) if (write(1, b, sizeof b) < 1) return 1;
     return 0;' | gcc -static -O2 -x c -o "$cache/bytes" -
  mkdir -p "$work/relay" "$work/bytes"
  cp "$cache/bytes" "$work/bytes/bytes"
  tar -C "$work/bytes" --owner=0 --group=0 -cf "$work/bytes-layer.tar" bytes
  docker_archive "$work/bytes-layer.tar" "$work/bytes.tar" /bytes
  for ((round = 1; round <= cold_rounds; round++)); do
    say "relay, round $round of $cold_rounds"
    relay_one out-cat "$cache/bytes $bytes | cat | cat > /dev/null"
    relay_one out-minirun "$run /bytes $bytes | cat > /dev/null"
    relay_one in-cat "$cache/bytes $bytes | cat | $cache/bytes"
    relay_one in-minirun "$cache/bytes $bytes | ${run/ --root/ -i --root} "
  done
  printf '\nRelay of %s MB: medians of %s rounds\n\n%-42s %8s %9s\n' $((bytes / 1000000)) "$cold_rounds" "" "ms" "x cat"
  relay_row out-cat out-cat "the program | cat | a reader"
  relay_row out-minirun out-cat "the program in a container | a reader"
  relay_row in-cat in-cat "a writer | cat | the program"
  relay_row in-minirun in-cat "a writer | the program in a container"
}

# ---------------------------------------------------------------------------------------------------------------------

[ "$(id -u)" = 0 ] || die "needs root, to make namespaces and mount a tmpfs"
for tool in hyperfine bwrap crun bsdtar jq gcc findmnt; do
  command -v "$tool" > /dev/null || die "$tool is missing: apt-get install hyperfine bubblewrap crun libarchive-tools jq gcc"
done
build_programs
work=$(mktemp -d /tmp/minirun-bench.XXXXXX)
cleanup() {
  umount -l "$work" 2> /dev/null || true
  rmdir "$work" "${cgroup2:-/nonexistent}/minirun-bench" 2> /dev/null || true
}
trap cleanup EXIT
mount -t tmpfs -o mode=700 bench "$work"
for what in "${@:-warm cold relay}"; do
  for one in $what; do
    case $one in
      warm | cold | relay) "$one" ;;
      *) die "warm, cold or relay, not $one" ;;
    esac
  done
done
