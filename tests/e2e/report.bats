#!/usr/bin/env bats
# --report: one page about a run or an image, looked at in a browser as a person would.
# bats sets stderr, output, status; the scripts are the page's and the container's; each test is a subshell
# shellcheck disable=SC2154,SC2016,SC2030,SC2031,SC2034

load helpers
load container

# One chromium for all tests of this file: to start it takes a second.
setup_file() {
  command -v chromium > /dev/null || return 0
  export BROWSE_SOCKET=$BATS_FILE_TMPDIR/browser
  "${BATS_TEST_DIRNAME}/browse" --serve "$BROWSE_SOCKET" > "$BATS_FILE_TMPDIR/browse.log" 2>&1 3>&- &
  export BROWSER=$!
  local i
  for ((i = 0; i < 600; i++)); do
    [ ! -S "$BROWSE_SOCKET" ] || return 0
    kill -0 "$BROWSER" || break
    sleep 0.05
  done
  cat "$BATS_FILE_TMPDIR/browse.log" >&2
  return 1
}

teardown_file() {
  [ -n "${BROWSER-}" ] || return 0
  kill "$BROWSER"
  timeout 20 tail --pid="$BROWSER" -f /dev/null
}

# browse FRAGMENT ACTION...: in $PAGE; fails if the page wrote to the console, threw, or asked for anything but itself.
browse() {
  command -v chromium > /dev/null || skip "no chromium"
  local fragment=$1
  shift
  ran="browse $*"
  run --separate-stderr "$top/tests/e2e/browse" "$PAGE#$fragment" "$@"
  [ "$status" -eq 0 ] || fail "the page has problems"
}

# Runs minirun with a report in $PAGE.
report() {
  PAGE=$WORK/page.html
  minirun --report "$PAGE" "$@"
}

# What the container sees, by the page's own rules: a path a line.
seen_paths='(() => { const p = new Paths(stackOf(JSON.parse(by("data").textContent)));
  return p.list.filter((path) => p.explain(path).seen.length > 0).join("\n"); })()'
verdict='by("path").querySelector(".verdict-line").textContent'
verdicts='[...document.querySelectorAll(".verdict")].map((v) => v.querySelector("strong").textContent + ": " +
  v.querySelector(".verdict-text").textContent).join("\n")'
results='[...document.querySelectorAll("#results .path")].map((p) => p.textContent).join("\n")'
parts='[...document.querySelectorAll("#nav a")].map((a) => a.hash).join(" ")'
# What is written on paper has all of it, and no scrolling.
print_it='dispatchEvent(new Event("beforeprint")), 1'

@test "report: the page by itself says that it has no data" {
  PAGE=$top/runner/report/web/page.html
  browse '' 'eval=by("title").textContent' 'eval=document.querySelector("#empty").innerText'
  [ "${lines[0]}" = "No data" ]
  [[ $output == *"minirun --report run.html IMAGE"* ]]
}

@test "report: a run's page has all parts, all steps in order, and is small beside its data" {
  IMAGE=$(forged good-shell)
  report "$IMAGE" /bin/busybox true
  [ "$status" -eq 0 ] || fail
  [ "$(stat -c %a "$PAGE")" = 644 ]
  [ "$(grep -v ' id="data">' "$PAGE" | wc -c)" -lt 300000 ] || fail "too large"
  if grep -oE '(src|href)="[^#"]*"' "$PAGE"; then fail "it names another file"; fi
  browse '' "eval=$parts" "eval=by('title').textContent" "eval=document.querySelector('#facts .badge').textContent" \
    "eval=$print_it" 'eval=[...document.querySelectorAll(".paper-step h3")].map((h) => h.textContent.trim()).join("\n")'
  [ "${lines[0]}" = '#layers #find #steps #namespaces #powers #mounts #wrote' ]
  [ "${lines[1]}" = forged:latest ]
  [ "${lines[2]}" = 'exit status 0' ]
  local shown
  shown=$(printf '%s\n' "${lines[@]:4}")
  [ "$(sed '1,/^commit$/d' <<<"$shown" | grep -vE '^undo |^flush-layers$')" = "$(step_ids)" ] || fail "not the steps"
  grep -qx 'undo clone' <<<"$shown" && grep -qx 'undo dir' <<<"$shown" || fail "not what was undone"
  [ "$(head -n 1 <<<"$shown")" = open-archive ] || fail "not the load"
  nothing_is_left
}

@test "report: times lie on one clock, in order, and a step has why, shell and see" {
  report "$(forged good-shell)" /bin/busybox true
  sed -nE 's/^<script type="application\/json" id="data">(.*)<\/script>$/\1/p' "$PAGE" >"$WORK/data.json"
  jq -e '.run.steps | length > 30 and all(.why != "" and .see != "" and .shell != null and .took >= 0)' "$WORK/data.json"
  jq -e '[.run.loads[], .run.steps[]] | map(.start) | . == sort' "$WORK/data.json"
  jq -e '[.run.steps[] | .start + .took] as $ends | [.run.steps[] | .start] as $starts |
    [range(1; $starts | length)] | all($starts[.] + 1 >= $ends[. - 1])' "$WORK/data.json"
  jq -e '[.run.steps[] | select(.undone) | .undone.start] | . == (sort | reverse) and length >= 2' "$WORK/data.json"
}

@test "report: layers alone, of an archive and of a name" {
  PAGE=$WORK/page.html
  minirun layers --report "$PAGE" "$(forged good-whiteouts)"
  [ "$status" -eq 0 ] || fail
  browse '' "eval=$parts" 'eval=[...document.querySelectorAll(".slab-counts")].map((c) => c.textContent).join("\n")'
  [ "${lines[0]}" = '#layers #find' ]
  [ "$(printf '%s\n' "${lines[@]:1}")" = $'1 added\n1 changed, 3 hidden\n6 added\n4 added\n1 added\n8 added' ] || fail "counts"
  # The same numbers as the table's, layer for layer.
  page=$(printf '%s\n' "${lines[@]:1:5}" | while IFS= read -r line; do
    for word in added changed hidden; do
      grep -oE "[0-9]+ $word" <<<"$line" || echo "0 $word"
    done | paste -sd ' '
  done)
  minirun layers forged
  diff <(sed -nE 's/^layer .* ([0-9]+) names? (added), ([0-9]+) (changed), ([0-9]+) (hidden)$/\1 \2 \3 \4 \5 \6/p' <<<"$output") \
    <(printf '%s\n' "$page") || fail "the page and the table differ"
  minirun layers --report "$PAGE" forged
  [ "$status" -eq 0 ] || fail
  browse '' "eval=by('stack-note').textContent"
  [[ $output == '5 layers, '* ]]
}

@test "report: of a path it says which layers have it, which one is seen, and why" {
  PAGE=$WORK/page.html
  minirun layers --report "$PAGE" "$(forged good-whiteouts)"
  still='But it is still in the image: whoever has the image can read it in layer'
  browse 'search=/top' "eval=$verdict" "eval=$verdicts"
  [ "${lines[0]}" = 'The container sees the file of layer 5, the topmost one that has the name.' ]
  [ "$(printf '%s\n' "${lines[@]:1}")" = 'layer 5: seen
layer 4: a whiteout: hides the name in all layers below
layer 3: hidden: layer 5 has /top, and the topmost one is seen' ] || fail
  browse 'search=/d/old' "eval=$verdict"
  [ "$output" = "The container doesn't see it. It is hidden: layer 4 has a whiteout of /d/old. $still 3." ]
  browse 'search=/d/sub/deep' "eval=$verdicts"
  [ "$output" = $'layer 4: decides over /d/sub, which lies on the way\nlayer 3: hidden: layer 4 has a whiteout of /d/sub' ]
  browse 'search=/d&path=/d' "eval=$verdict"
  [ "$output" = 'The container sees one directory, merged of 2; its mode and owner are those of layer 4.' ]
  minirun layers --report "$PAGE" "$(forged case-46-opaque-after-siblings)"
  browse 'search=/d/old' "eval=$verdict"
  [ "$output" = "The container doesn't see it. It is hidden: /d is opaque in layer 4. $still 3." ]
  minirun layers --report "$PAGE" "$(forged case-45-opaque-root)"
  browse 'search=/top' "eval=$verdict" 'eval=document.querySelectorAll(".slab .badge.bad").length'
  [ "${lines[0]}" = "The container doesn't see it. It is not in the stack: the root of layer 4 is opaque. $still 3." ]
  [ "${lines[1]}" = 3 ]
}

@test "report: what the page calls seen is what a container sees, in every case of whiteouts" {
  local id
  for id in good-whiteouts good-whiteout-of-nothing good-whiteouts-in-lowest-layer $(cases case-45-) $(cases case-46-) \
    $(cases case-47-) $(cases case-48-) $(cases case-49-) good-long-names; do
    report "$(forged "$id")" /bin/busybox find / -xdev
    [ "$status" -eq 0 ] || fail "$id does not run"
    # -xdev shows the mount points, whatever is mounted there.
    sort <<<"$output" | grep -vxE '/|' >"$WORK/inside"
    browse '' "eval=$seen_paths"
    LC_ALL=C sort <<<"$output" >"$WORK/page"
    LC_ALL=C sort -o "$WORK/inside" "$WORK/inside"
    diff "$WORK/inside" "$WORK/page" || fail "$id: the page shows another tree"
  done
}

@test "report: a symlink on the way is followed, a mount that covers a path is told" {
  new_rootfs
  mkdir -p "$ROOTFS/usr/bin"
  cp /bin/busybox "$ROOTFS/usr/bin/tool"
  ln -s usr/bin "$ROOTFS/links"
  new_image
  report "$IMAGE" true
  browse 'search=/links/tool' "eval=by('path').innerText" 'click=#path a' 'wait=by("path-name") !== null' "eval=$verdict"
  [ "${lines[0]}" = 'No layer has this path, but symlinks on the way lead to /usr/bin/tool.' ]
  [[ ${lines[1]} == 'The container sees the file of layer 1'* ]]
  browse 'search=/etc/hosts' "eval=by('path').querySelector('.notice').textContent"
  [[ $output == 'While it ran, the mount on /etc/hosts'* ]]
}

@test "report: what the run wrote is what diff tells, with sizes and where it was from" {
  report --keep --name kept "$BUSYBOX" sh -c 'echo 12345 > /new; echo x >> /etc/passwd; rm /bin/cp; rm -r /etc/network;
    mkdir -p /etc/network/a; mkdir /d; ln -s /new /d/link; mkfifo /d/pipe; chmod 700 /root'
  [ "$status" -eq 0 ] || fail
  local rows='[...document.querySelectorAll(".paper tbody tr")].map((r) =>
    [...r.children].map((c) => c.textContent).join("|")).join("\n")'
  browse '' "eval=$print_it" "eval=$rows"
  local page
  page=$(printf '%s\n' "${lines[@]:1}")
  minirun diff kept
  [ "$(awk -F'|' '{ print $1, $2 }' <<<"$page" | LC_ALL=C sort -k2)" = "$(LC_ALL=C sort -k2 <<<"$output")" ] ||
    fail "not what diff tells: $page"
  grep -qxF 'A|/new|6 B|added' <<<"$page"
  grep -qE '^C\|/etc/passwd\|[0-9]+ B\|changed, from layer 1$' <<<"$page"
  grep -qxF 'D|/bin/cp||deleted, was in layer 1' <<<"$page"
  minirun rm kept
  report "$BUSYBOX" true
  browse '' "eval=by('wrote-count').textContent"
  [ "$output" = 'The container wrote nothing.' ]
}

@test "report: directories deeper than it looks harm nobody, and the page says so" {
  report "$BUSYBOX" sh -c 'd=; i=0; while [ $i -lt 300 ]; do d=$d/d; i=$((i + 1)); done; mkdir -p $d/$d/$d'
  [ "$status" -eq 0 ] || fail
  browse '' "eval=by('stack-note').textContent" 'eval=by("wrote-count").textContent'
  [[ ${lines[0]} == *'what is further down is not listed.' ]] || fail
  [[ ${lines[1]} == '900 added'* ]]
  nothing_is_left
}

@test "report: namespaces, mounts and powers are those that the program has" {
  report "$BUSYBOX" sh -c 'for n in mnt pid uts ipc net cgroup user; do readlink /proc/self/ns/$n; done | tr -dc "0-9\n"
    echo; sort -k 5 /proc/self/mountinfo | cut -d " " -f 5; echo; grep CapEff /proc/self/status'
  [ "$status" -eq 0 ] || fail
  local inside=$output
  browse '' 'eval=[...document.querySelectorAll("#namespace-table tbody tr")].slice(0, 7).map((r) =>
      [...r.querySelectorAll(".pill")].at(-1).textContent).join("\n") + "\n\n"' \
    'eval=mountsOf(JSON.parse(by("data").textContent).run.child).map((m) => m.point).sort().join("\n") + "\n\n"' \
    'eval=[...document.querySelectorAll("#power-table tr")].find((r) => r.textContent.startsWith("effective"))
      .querySelectorAll("td:last-child > .chips code").length'
  sed -n '/^$/q;p' <<<"$inside" >"$WORK/inside"
  sed -n '/^$/q;p' <<<"$output" >"$WORK/page"
  diff "$WORK/inside" "$WORK/page" || fail "other namespaces"
  [ "$(wc -l <"$WORK/page")" -eq 7 ]
  sed '1,/^$/d;/^$/,$d' <<<"$inside" | LC_ALL=C sort >"$WORK/inside"
  grep '^/' <<<"$output" | LC_ALL=C sort >"$WORK/page"
  diff "$WORK/inside" "$WORK/page" || fail "other mounts"
  browse '' "eval=[...document.querySelectorAll('.mount')].length"
  [ "$output" -eq "$(wc -l <"$WORK/page")" ]
  browse '' 'eval=[...document.querySelectorAll("#namespace-table .both")].length' \
    'eval=(() => { const s = statusOf(JSON.parse(by("data").textContent).run.child); return s.get("CapBnd"); })()'
  [ "${lines[0]}" -ge 1 ]
  grep -q "CapEff:.*${lines[1]}" <<<"$inside" || fail "other capabilities"
}

@test "report: a run that fails, or is stopped, has a page that says where and why, and what there was" {
  IMAGE=$(forged good-shell)
  PAGE=$WORK/page.html
  exits 127 --report "$PAGE" "$IMAGE" /no/such
  browse '' "eval=by('outcome').textContent" "eval=document.querySelector('#step h3').textContent.trim()" \
    "eval=document.querySelectorAll('.mount').length > 10"
  [[ ${lines[0]} == 'Step exec failed. cannot execute /no/such: no such file'*'What was done was undone.'* ]] || fail
  [ "${lines[1]}" = 'exec failed' ]
  [ "${lines[2]}" = true ]
  report --break-after hostname "$IMAGE" true
  [ "$status" -eq 125 ] || fail
  browse 'step=pivot-root' "eval=by('outcome').textContent" "eval=$parts" \
    "eval=document.querySelector('#step .badge').textContent"
  [ "${lines[0]}" = 'The run was stopped after step hostname. What was done was undone.' ]
  [ "${lines[1]}" = '#layers #find #steps #namespaces #powers #mounts #wrote' ]
  [ "${lines[2]}" = 'not reached' ]
  report --break-after dir "$IMAGE" true
  browse '' "eval=$parts"
  [ "$output" = '#layers #find #steps' ]
  nothing_is_left
}

@test "report: hostile names are names" {
  report "$(forged good-hostile-names)"
  [ "$status" -eq 3 ] || fail
  [ "$(grep -c '^<script' "$PAGE")" -eq "$(grep -c '^<script' "$top/runner/report/web/page.html")" ] || fail "a script more"
  browse 'search=/n/' "eval=$results" 'eval=by("results").scrollTop = 1e6' \
    'wait=by("results").textContent.includes("lines")' "eval=$results" 'eval=document.title' "eval=$print_it" "eval=document.scripts.length"
  [[ $output == *$'\n'"forged:latest: minirun report"$'\n1\n12' ]] || fail "the page was changed"
  local name
  for name in '/n/<img src=x onerror=document.title='\''owned'\''>' '/n/</script><script>document.title='\''owned'\''<' \
    '/n/<!--<script>' '/n/bytes\xff\xfe' '/n/two\x0alines' '/n/tab\x09escape\x1b[31m' '/n/private\xee\x83\xbf' \
    '/n/right\u{202e}txt.exe'; do
    grep -qxF -- "$name" <<<"$output" || fail "not there: $name"
  done
  # Two names that look the same are two: one is in the lower layer, one in the upper.
  [ "$(grep -cxF '/n/byte\xff' <<<"${output%%1000000*}")" -eq 2 ]
  browse 'search=n/link' "eval=by('path').textContent" 'eval=document.title'
  [[ $output == *"symlink to </script><script>document.title='owned'"* ]] || fail
  [[ $output == *"forged:latest: minirun report" ]] || fail
}

@test "report: the page's policy lets no other script run, and nothing be fetched" {
  report "$(forged good-shell)" /bin/busybox true
  # What a hole in the page would do.
  sed 's|<p class="kicker">|<script>document.title = "owned"</script><img src="http://127.0.0.1:9/x">&|' "$PAGE" >"$WORK/hole.html"
  command -v chromium > /dev/null || skip "no chromium"
  run --separate-stderr "$top/tests/e2e/browse" "$WORK/hole.html" 'eval=document.title'
  [ "$status" -eq 1 ]
  [ "$output" = 'forged:latest: minirun report' ]
  [[ $stderr == *'Content Security Policy'* ]]
}

@test "report: namespaces, powers and mounts lead to the step that made them" {
  report -v "$WORK:/data" --tmpfs /t "$BUSYBOX" true
  browse '' 'eval=[...document.querySelectorAll("#namespace-table .by a")].map((a) => a.textContent).join(" ")' \
    'eval=[...document.querySelectorAll("#power-table .by a")].map((a) => a.textContent).join(" ")' \
    'eval=[...document.querySelectorAll(".mount")].filter((m) => ["/", "/proc", "/data", "/t", "/etc/hosts"].includes(
      m.querySelector(".mount-point").textContent)).map((m) => m.querySelector(".by a").textContent).join(" ")' \
    'eval=document.querySelector("#mount-tree a[href=\"#step=proc\"]").click(), 1' \
    'wait=document.querySelector("#step h3").textContent.startsWith("proc")' 'eval=location.hash'
  [ "$output" = 'clone clone uts-namespace ipc-namespace network-namespace cgroup-namespace
clone user user user no-new-privs seccomp caps bounding
overlay proc bind-1 tmpfs-2 bind-hosts
1
#step=proc' ] || fail
}

@test "report: the time line names the phases of the plan, in order" {
  report "$BUSYBOX" true
  browse '' 'eval=[...document.querySelectorAll("#timeline .phase title")].map((t) => t.textContent).join("\n")'
  [ "$output" = "$("$MINIRUN" --debug "$BUSYBOX" true 2>&1 | grep -oE '^[a-z][a-z '"'"']+: ' | sed 's/: $//' | grep -v '^plan$' | sed '/^end$/d')" ] || fail
}

@test "report: at 390 pixels nothing is cut off or wider than the window" {
  report -v "$WORK:/data" "$BUSYBOX" true
  browse 'step=overlay' size=390x900 'eval=document.querySelectorAll("details").forEach((d) => { d.open = true; }), 1' \
    'eval=document.documentElement.scrollWidth' \
    'eval=[...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > 390.5 &&
      !e.closest(".list, .timeline")).map((e) => e.tagName + " " + e.className).join("; ")' \
    'eval=[...document.querySelectorAll(".slab-title, th, td, .nav a")].filter((e) =>
      e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.textContent).join("; ")'
  [ "$output" = $'1\n390\n\n' ] || [ "$output" = $'1\n390' ] || fail
}

@test "report: by keyboard alone" {
  report "$BUSYBOX" true
  browse '' key=Tab 'eval=document.activeElement.textContent' key=Enter \
    'eval=document.activeElement.id' key=Tab key=Tab 'eval=document.activeElement.id' 'type=/bin/ca' \
    'eval=by("count").textContent' key=ArrowDown key=ArrowDown \
    'eval=by(document.activeElement.getAttribute("aria-activedescendant")).textContent.trim()' \
    'eval=by("path-name").textContent' 'wait=location.hash.includes("path=")' 'eval=location.hash' \
    key=Tab 'eval=document.activeElement.id' key=Home \
    'eval=by("results").querySelector("[aria-selected=true]").ariaPosInSet'
  [ "$output" = 'Skip to the report
main
query
2 of 296 paths
/bin/cat seen, from layer 1
/bin/cat
#search=/bin/ca&path=/bin/cat
results
1' ] || fail
  browse 'step=private' 'eval=by("step-list").focus(), 1' key=End \
    'eval=document.querySelector("#step h3").textContent.trim()' key=Home \
    'eval=by("step-list").querySelector("[aria-selected=true]").textContent.trim()' 'eval=by("scale-log").focus(), 1' \
    key=ArrowRight 'eval=by("scale-note").textContent' \
    'wait=location.hash.includes("linear")' 'eval=location.hash'
  [ "${lines[1]}" = 'undo dir' ]
  [[ ${lines[2]} == 'load  open-archive '* ]]
  [ "${lines[4]}" = 'widths are times; zoom in to see the short ones' ]
  [ "${lines[5]}" = '#step=open-archive&scale=linear' ]
}

@test "report: on paper nothing scrolls, all steps are there, and long lists are cut with a word" {
  report "$BUSYBOX" sh -c 'i=0; while [ $i -lt 250 ]; do : > /tmp/$i; i=$((i + 1)); done'
  browse 'search=/' "eval=$print_it" 'eval=document.querySelectorAll("details:not([open])").length' \
    'eval=document.querySelectorAll(".paper .aside").length' 'eval=by("paper").innerText.length > 0' "pdf=$WORK/page.pdf" \
    'eval=dispatchEvent(new Event("afterprint")), by("paper").childElementCount'
  [ "$output" = $'1\n0\n2\ntrue\n0' ] || fail
  [ "$(head -c 5 "$WORK/page.pdf")" = %PDF- ]
}

@test "report: 100,000 paths" {
  new_rootfs
  (
    mkdir "$ROOTFS/many" && cd "$ROOTFS/many"
    for ((d = 0; d < 1000; d++)); do echo "directory-$d"; done | xargs mkdir
    for ((d = 0; d < 1000; d++)); do printf "directory-$d/%s\n" file-{1..100}.txt; done | xargs touch
  )
  new_image
  PAGE=$WORK/page.html
  minirun layers --report "$PAGE" "$IMAGE"
  [ "$status" -eq 0 ] || fail
  local pace='(() => { let worst = 0; const input = by("query");
    for (const text of ["f", "fi", "fil", "file-77", "file-77.txt", "e", "directory-999/file-1", "/", ""]) {
      const start = performance.now(); input.value = text; input.dispatchEvent(new Event("input"));
      document.body.offsetHeight; worst = Math.max(worst, performance.now() - start); }
    return Math.round(worst); })()'
  browse 'search=directory-500/file-1.txt' "eval=by('count').textContent" "eval=$results" \
    'eval=by("query").value = "file", by("query").dispatchEvent(new Event("input")), by("count").textContent' \
    'eval=document.querySelectorAll("#results [role=option]").length < 60' \
    "eval=$pace" 'eval=Math.round(performance.getEntriesByType("navigation")[0].loadEventEnd)'
  [[ ${lines[0]} == '1 of 101,0'*' paths' ]]
  [ "${lines[1]}" = /many/directory-500/file-1.txt ]
  [[ ${lines[2]} == '100,000 of 101,0'*' paths' ]]
  [ "${lines[3]}" = true ]
  echo "# 100,000 paths: $(wc -c <"$PAGE") bytes, drawn after ${lines[5]} ms, slowest key ${lines[4]} ms" >&3
}

@test "report: a place that can't be written is told before anything runs" {
  IMAGE=$(forged good-shell)
  local place
  ln -s target.html "$WORK/link.html"
  mkdir "$WORK/ro"
  mount -t tmpfs -o ro minirun-test "$WORK/ro"
  for place in "$WORK/no/such/page.html" "$WORK" "$WORK/" /dev/null "$WORK/link.html" "$WORK/ro/page.html" ''; do
    minirun --report "$place" "$IMAGE" /bin/busybox echo ran
    [ "$status" -eq 125 ] || fail "$place was taken"
    [ -z "$output" ] || fail "it ran"
    [ ! -e "$WORK/target.html" ]
  done
  umount "$WORK/ro"
  [ -c /dev/null ]
  [ -L "$WORK/link.html" ]
}

@test "report: a disk that fills up harms nobody: told at the end, the old page stands, nothing is left" {
  IMAGE=$(forged good-shell)
  mkdir "$WORK/small"
  mount -t tmpfs -o size=16k minirun-test "$WORK/small"
  echo old >"$WORK/small/page.html"
  minirun --report "$WORK/small/page.html" "$IMAGE" /bin/busybox echo ran
  local left
  left=$(ls -A "$WORK/small"; cat "$WORK/small/page.html")
  umount "$WORK/small"
  [ "$status" -eq 125 ] || fail
  [ "$output" = ran ]
  [[ $stderr == *'No space left on device'* ]]
  [ "$left" = $'page.html\nold' ] || fail "left: $left"
  nothing_is_left
}
