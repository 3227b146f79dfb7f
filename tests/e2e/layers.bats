#!/usr/bin/env bats
# Looking into an image: layers, ls, cat; and diff of what a container wrote. What they say is compared with what a
# container of the image sees, and with what lies in the store.
# shellcheck disable=SC2154,SC2016,SC2153  # bats sets stderr, output, status; the scripts are for the container's shell

load helpers
load container

# saved FILE DIR...: a saved image of these directories, the lowest layer first; $HISTORY: its history, as JSON.
saved() {
  local out=$1 ids=() members=() dir id work=$WORK/saved
  shift
  rm -rf "$work"
  mkdir "$work"
  for dir; do
    tar -C "$dir" --numeric-owner --xattrs --format=pax -cf "$work/layer" .
    id=$(sha256sum <"$work/layer" | cut -d ' ' -f 1)
    mkdir "$work/$id"
    mv "$work/layer" "$work/$id/layer.tar"
    ids+=("sha256:$id")
    members+=("$id/layer.tar")
  done
  jq -n --args '{os: "linux", architecture: $arch, config: {Cmd: ["/bin/sh"]}, history: $history,
    rootfs: {type: "layers", diff_ids: $ARGS.positional}}' "${ids[@]}" \
    --argjson history "${HISTORY:-[]}" --arg arch "$(dpkg --print-architecture)" >"$work/config.json"
  jq -n --args '[{Config: "config.json", RepoTags: ["look:1"], Layers: $ARGS.positional}]' \
    "${members[@]}" >"$work/manifest.json"
  tar -C "$work" -cf "$out" "${members[@]}" config.json manifest.json
}

# counts IMAGE: "LAYER ADDED CHANGED HIDDEN" a line, as layers tells them.
counts() {
  "$MINIRUN" layers "$1" |
    sed -nE 's/^layer ([0-9]+): .*, ([0-9]+) names? added, ([0-9]+) changed, ([0-9]+) hidden$/\1 \2 \3 \4/p'
}

# names IMAGE PATH: as ls lists them, where none is a device.
names() { "$MINIRUN" ls "$@" 2>/dev/null | awk 'NR > 1 { print $5 }'; }

@test "layers: the topmost first, with the digests and sizes that inspect has" {
  local archive
  archive=$(forged good-whiteouts)
  minirun layers "$archive"
  [ "$status" -eq 0 ] || fail
  local json
  json=$("$MINIRUN" inspect "$archive" | jq -c .Layers)
  [ "$(sed -nE 's/^layer ([0-9]+):.*/\1/p' <<<"$output" | tr '\n' ' ')" = '5 4 3 2 1 ' ] || fail "the order"
  [ "$(awk '/^  diff id/ { print $3 }' <<<"$output")" = "$(jq -r 'reverse[].DiffId' <<<"$json")" ] || fail "diff ids"
  [ "$(awk '/^  chain id/ { print $3 }' <<<"$output")" = "$(jq -r 'reverse[].ChainId' <<<"$json")" ] || fail "chain ids"
  [ "$(awk '/^  short/ { print $2 }' <<<"$output")" = "$(jq -r 'reverse[] | "l/" + .ShortName' <<<"$json")" ] || fail
  local short
  while read -r short; do
    [ -d "$MINIRUN_ROOT/overlay2/$short/" ] || fail "no $short"
  done < <(awk '/^  short/ { print $2 }' <<<"$output")
  grep -q '^layer 3: 19 B, ' <<<"$output" || fail "the size"
}

@test "layers: names added, changed and hidden, against the layers below" {
  # By hand: the lower layer of these images has d, d/old, d/both, d/sub, d/sub/deep and top.
  [ "$(counts "$(forged good-whiteouts)")" = $'5 1 0 0\n4 0 1 3\n3 6 0 0\n2 4 0 0\n1 1 0 0' ] || fail
  [ "$(counts "$(forged case-46-opaque-after-siblings)" | head -n 1)" = '4 1 1 3' ] || fail "d is opaque, d/new is new"
  [ "$(counts "$(forged case-48-whiteout-then-dir)" | head -n 1)" = '4 1 1 3' ] || fail "d is made anew"
  [ "$(counts "$(forged case-49-file-then-whiteout)" | head -n 1)" = '4 0 2 0' ] || fail "d and d/both"
  # An opaque root: bin and what is in it are there again, mine is new, of hello, d and top nothing is left.
  [ "$(counts "$(forged case-45-opaque-root)" | head -n 1)" = '4 1 4 3' ] || fail "the root is opaque"
}

@test "layers: every name that a stack shows was added once, and hidden as often as it went" {
  local case sum shown
  for case in good-whiteouts case-46-opaque-after-siblings case-48-whiteout-then-dir; do
    # All whiteouts of these hide one name each but for d/sub, which has one in it.
    sum=$(counts "$(forged "$case")" | awk '{ added += $2; hidden += $4 } END { print added - hidden - 1 }')
    shown=$("$MINIRUN" "$(forged "$case")" /bin/busybox find /bin /d /hello /tmp /top 2>/dev/null | wc -l)
    [ "$sum" -eq "$shown" ] || fail "$case: $sum are told, $shown are there"
  done
}

@test "layers: what made each, if the history can be matched" {
  mkdir -p "$WORK"/{a,b}
  touch "$WORK/b/file"
  HISTORY='[{"created_by":"ADD rootfs"},{"created_by":"ENV x=y","empty_layer":true},{"comment":"made \u001b[31m by hand"}]' \
    saved "$WORK/matched.tar" "$WORK/a" "$WORK/b"
  minirun layers "$WORK/matched.tar"
  [ "$(grep -c 'made by' <<<"$output")" -eq 2 ] || fail
  grep -qF 'made by   ADD rootfs' <<<"$output" || fail
  grep -qF 'made by   made \x1b[31m by hand' <<<"$output" || fail "the comment stands in, made harmless"
  HISTORY='[{"created_by":"one"}]' saved "$WORK/unmatched.tar" "$WORK/a" "$WORK/b"
  minirun layers "$WORK/unmatched.tar"
  grep -q "tells of 1 layer, so its lines can't be matched" <<<"$output" || fail
  saved "$WORK/silent.tar" "$WORK/a"
  minirun layers "$WORK/silent.tar"
  grep -q 'the image has no history' <<<"$output" || fail
}

@test "layers, ls: fit in 100 columns, of 127 layers too" {
  local archive
  archive=$(forged good-127-layers)
  HISTORY=$(jq -n '[{created_by: ("RUN " + ("words " * 99))}]')
  mkdir "$WORK/a"
  HISTORY=$HISTORY saved "$WORK/long.tar" "$WORK/a"
  for run in "layers $archive" "layers $WORK/long.tar" "ls $archive /" "ls $BUSYBOX /bin"; do
    # shellcheck disable=SC2086  # words
    minirun $run
    [ "$status" -eq 0 ] || fail
    [ "$(awk 'length($0) > 100' <<<"$output")" = '' ] || fail "too wide"
  done
  [ "$(counts "$archive" | wc -l)" -eq 127 ]
}

@test "layers: of 10,000 files in each of two layers, in less than two seconds" {
  mkdir -p "$WORK"/{a,b}/usr/share/doc
  (cd "$WORK/a/usr/share/doc" && for n in $(seq 1000); do mkdir "$n" && touch "$n"/{1..9}; done)
  cp -r "$WORK/a/usr" "$WORK/b/"
  saved "$WORK/big.tar" "$WORK/a" "$WORK/b"
  "$MINIRUN" load "$WORK/big.tar" >/dev/null
  local before after
  before=$(date +%s%N)
  [ "$(counts look:1)" = $'2 0 10003 0\n1 10003 0 0' ] || fail
  after=$(date +%s%N)
  [ $(((after - before) / 1000000)) -lt 2000 ] || fail "it took $(((after - before) / 1000000)) ms"
}

@test "ls: each directory as a container sees it, and cat each file" {
  local case dir file
  for case in good-whiteouts case-46-opaque-after-siblings case-48-ghosts case-49-whiteout-then-file good-shell; do
    local archive
    archive=$(forged "$case")
    for dir in $("$MINIRUN" "$archive" /bin/busybox find / -xdev -type d); do
      case $dir in / | /etc | /dev | /proc | /sys) continue ;; esac # the store's own mount points
      [ "$(names "$archive" "$dir")" = "$("$MINIRUN" "$archive" /bin/busybox ls -A "$dir" | sort)" ] ||
        fail "$case: $dir: $(names "$archive" "$dir")"
    done
    for file in $("$MINIRUN" "$archive" /bin/busybox find / -xdev -type f ! -path '/etc/*'); do
      [ "$("$MINIRUN" cat "$archive" "$file" | sha256sum)" = \
        "$("$MINIRUN" "$archive" /bin/busybox cat "$file" | sha256sum)" ] || fail "$case: $file"
    done
  done
}

@test "ls: kind, mode, owner, size, target, and whose each name is" {
  mkdir -p "$WORK/a/d/sub" "$WORK/b/d/sub"
  echo one >"$WORK/a/d/file"
  chown 7:8 "$WORK/a/d/file"
  chmod 4750 "$WORK/a/d/file"
  echo two >"$WORK/b/d/upper"
  ln -s ../x "$WORK/b/d/link"
  mkfifo "$WORK/a/d/pipe"
  mknod "$WORK/a/d/null" c 1 3
  chmod 644 "$WORK"/a/d/{pipe,null} "$WORK/b/d/upper"
  saved "$WORK/image.tar" "$WORK/a" "$WORK/b"
  minirun ls "$WORK/image.tar" /d
  diff <(printf '%s\n' "$output" | tr -s ' ') - <<'END' || fail "the table"
MODE OWNER SIZE LAYER NAME
-rwsr-x--- 7:8 4 1 file
lrwxrwxrwx 0:0 4 2 link -> ../x
crw-r--r-- 0:0 1, 3 1 null
prw-r--r-- 0:0 0 1 pipe
drwxr-xr-x 0:0 - 2,1 sub
-rw-r--r-- 0:0 4 2 upper
END
  grep -qx 'minirun: note: /d is merged of layers 2 and 1' <<<"$stderr" || fail
  minirun ls look:1 d/file
  [ "$(tail -n 1 <<<"$output" | tr -s ' ')" = '-rwsr-x--- 7:8 4 1 /d/file' ] || fail "one file, of an image by name"
}

@test "ls, cat: what is hidden is said, and by whom" {
  local archive
  archive=$(forged good-whiteouts)
  minirun ls "$archive" /d/old
  says_no '^minirun: /d/old is not in the image: layer 4 whites it out \(layer 3 had it\)$'
  grep -qx 'hint: --layer 3 shows what was hidden' <<<"$stderr" || fail
  minirun cat "$archive" d/sub/deep
  says_no '/d/sub/deep is not in the image: layer 4 whites out /d/sub \(layer 3 had it\)$'
  minirun ls "$archive" /never
  says_no '^minirun: /never is not in the image: no layer has it$'
  minirun ls "$archive" /top/x
  says_no '/top/x is not in the image: /top of layer 5 is no directory \(no layer had it\)$'
  minirun ls "$archive" /d
  grep -q '2 names of lower layers are whited out here' <<<"$stderr" || fail
  minirun ls "$archive" /top
  grep -qx 'minirun: note: /top of layer 3 is hidden: layer 5 has one above it' <<<"$stderr" || fail
  minirun cat "$(forged case-46-opaque-after-siblings)" /d/old
  says_no '/d/old is not in the image: /d of layer 4 is opaque \(layer 3 had it\)$'
  minirun ls "$(forged case-45-opaque-root)" /d/sub
  says_no '/d/sub is not in the image: / of layer 4 is opaque \(layer 3 had it\)$'
  minirun ls "$(forged good-whiteout-of-nothing)" /d/never
  says_no '/d/never is not in the image: layer 4 whites it out \(no layer had it\)$'
}

@test "ls --layer: one layer alone, its whiteouts and opaque directories marked" {
  local archive
  archive=$(forged good-whiteouts)
  minirun ls --layer 4 "$archive" /d
  [ "$(grep -c '^c--------- .*(hidden: whiteout of layer 4)$' <<<"$output")" -eq 2 ] || fail
  minirun ls --layer 3 "$archive" /d
  [ "$(awk 'NR > 1 { print $NF }' <<<"$output" | tr '\n' ' ')" = 'both old sub ' ] || fail
  minirun ls --layer 4 "$(forged case-46-opaque-after-siblings)" /
  grep -qE '^d.* d  \(opaque: hides what layers below have in it\)$' <<<"$output" || fail
  minirun ls --layer 4 "$(forged case-46-opaque-after-siblings)" /d
  grep -q '/d of layer 4 is opaque' <<<"$stderr" || fail
  minirun ls --layer 4 "$archive" /d/old
  says_no '^minirun: layer 4 has no /d/old: it whites out /d/old$'
  minirun ls --layer 2 "$archive" /top
  says_no '^minirun: layer 2 has no /top$'
  grep -qx 'hint: it is in layers 5 and 3' <<<"$stderr" || fail
  for layer in 0 6 -1 x 1x 99999999999999999999; do
    minirun ls --layer "$layer" "$archive" /
    says_no '^minirun: --layer .*: the image has the layers 1 to 5$'
  done
}

@test "cat --layer: the bytes of a layer, hidden or not" {
  local archive
  archive=$(forged good-whiteouts)
  minirun cat --layer 3 "$archive" /top
  [ "$output" = top ] || fail
  minirun cat "$archive" /top
  [ "$output" = again ] || fail
  minirun cat --layer 4 "$archive" /top
  says_no 'layer 4 has no /top: it whites out /top'
}

@test "ls, cat: symlinks stay inside the image, across its layers" {
  mkdir -p "$WORK/a/usr/bin" "$WORK/a/d" "$WORK/b/d"
  echo real >"$WORK/a/usr/bin/tool"
  ln -s usr/bin "$WORK/b/bin"
  ln -s /bin/tool "$WORK/b/absolute"
  ln -s "../../../../../../..$VICTIM/sentinel" "$WORK/b/out"
  ln -s "$VICTIM/sentinel" "$WORK/b/host"
  ln -s loop "$WORK/b/loop"
  ln -s nowhere "$WORK/b/d/dangling"
  local image=$WORK/image.tar
  saved "$image" "$WORK/a" "$WORK/b"
  for path in /bin/tool absolute /bin/../bin/tool /bin/../../absolute ../../usr/bin//tool; do
    minirun cat "$image" "$path"
    [ "$output" = real ] || fail "$path"
  done
  for path in out host loop d/dangling; do
    minirun cat "$image" "$path"
    says_no 'not in the image'
  done
  minirun cat "$image" /bin/../absolute # of /usr/bin, not of /bin
  says_no '^minirun: /bin/../absolute leads to /usr/absolute, which is not in the image: no layer has it$'
  minirun cat "$image" loop
  says_no 'a symlink that leads in a circle'
  minirun cat "$image" d/dangling
  says_no '^minirun: /d/dangling leads to /d/nowhere, which is not in the image: no layer has it$'
  minirun ls "$image" d/dangling
  [ "$status" -eq 0 ] || fail
  [[ $(tail -n 1 <<<"$output") == *'/d/dangling -> nowhere' && $stderr == *'not in the image'* ]] || fail
  minirun ls "$image" /bin
  [ "$(awk 'NR > 1 { print $NF }' <<<"$output")" = tool ] || fail "a symlink to a directory shows the directory"
  grep -qx 'minirun: note: /bin leads to /usr/bin' <<<"$stderr" || fail
  minirun ls "$image" /absolute
  [ "$(awk 'NR > 1 { print $5 }' <<<"$output" | tr '\n' ' ')" = '/absolute /usr/bin/tool ' ] || fail "link and target"
  minirun cat --layer 1 "$image" /absolute
  [ "$output" = real ] || fail "the link of layer 2 leads to a file of layer 1"
  minirun ls --layer 2 "$image" /usr
  says_no 'layer 2 has no /usr'
}

@test "cat: exact bytes of a file with holes, of 300 MB, in little memory" {
  mkdir "$WORK/a"
  truncate -s 300M "$WORK/a/holes"
  printf 'x\0\n' | dd of="$WORK/a/holes" bs=1 seek=200000000 conv=notrunc status=none
  saved "$WORK/image.tar" "$WORK/a"
  "$MINIRUN" load "$WORK/image.tar" >/dev/null
  [ "$("$MINIRUN" cat look:1 /holes | sha256sum)" = "$(sha256sum <"$WORK/a/holes")" ] || fail
  within 32 sh -c "exec '$MINIRUN' cat look:1 /holes >/dev/null"
  [ "$status" -eq 0 ] || fail
}

@test "cat: what is no file is refused and never waited for" {
  mkdir -p "$WORK/a/d"
  mkfifo "$WORK/a/pipe"
  mknod "$WORK/a/null" c 1 3
  saved "$WORK/image.tar" "$WORK/a"
  minirun cat "$WORK/image.tar" /pipe
  says_no '/pipe in the image is not a regular file'
  minirun cat "$WORK/image.tar" /null
  says_no '/null in the image is not a regular file'
  minirun cat "$WORK/image.tar" /d
  says_no '/d in the image is a directory'
  minirun cat "$WORK/image.tar" /
  says_no '/ in the image is a directory'
}

@test "layers, ls, cat: a full or closed standard output is an error" {
  local archive
  archive=$(forged good-shell)
  for run in layers "ls / " "cat /bin/busybox"; do
    local command=${run%% *} path=${run#"${run%% *}"}
    # shellcheck disable=SC2086  # none or one path
    run -125 --separate-stderr sh -c '"$@" >/dev/full' - "$MINIRUN" "$command" "$archive" $path
    [[ $stderr == *'standard output: No space left'* ]] || fail "$command: a full disk"
    # shellcheck disable=SC2086
    run -125 --separate-stderr sh -c '"$@" >&-' - "$MINIRUN" "$command" "$archive" $path
    [[ $stderr == *'standard output: Bad file descriptor'* ]] || fail "$command: closed"
  done
}

@test "cat: says whose the file is to a terminal only" {
  local archive
  archive=$(forged good-whiteouts)
  minirun cat "$archive" /top
  [ -z "$stderr" ] || fail "a script's stderr"
  run script -qec "'$MINIRUN' cat '$archive' /top" /dev/null
  [[ $output == *again*'minirun: note: /top of layer 5'* ]] || fail
}

@test "cat: a signal ends it at once" {
  mkdir "$WORK/a"
  truncate -s 20M "$WORK/a/holes"
  saved "$WORK/image.tar" "$WORK/a"
  "$MINIRUN" load "$WORK/image.tar" >/dev/null
  mkfifo "$WORK/pipe"
  # shellcheck disable=SC2217  # that it reads nothing is the point
  sleep 20 <"$WORK/pipe" &
  local reader=$! pid
  "$MINIRUN" cat look:1 /holes >"$WORK/pipe" &
  pid=$!
  eventually grep -q pipe_write "/proc/$pid/stack"
  kill -TERM "$pid"
  local code=0
  wait "$pid" || code=$?
  kill "$reader"
  wait "$reader" || true # it holds the pipe
  [ "$code" -eq 143 ] || fail "it ended with $code"
}

@test "ls: names of an image can't steer the terminal" {
  mkdir "$WORK/a"
  touch "$WORK/a/"$'evil\e[31m\nlayer 9'
  ln -s $'\e]0;x\a' "$WORK/a/link"
  saved "$WORK/image.tar" "$WORK/a"
  minirun ls "$WORK/image.tar" /
  [ "$(wc -l <<<"$output")" -eq 3 ] || fail "a line too many"
  [[ $output == *'evil\x1b[31m\x0alayer 9'* && $output == *'link -> \x1b]0;x\x07'* ]] || fail
  minirun ls "$WORK/image.tar" $'/no\e[31m'
  says_no 'no.x1b\[31m is not in the image'
  minirun cat "$WORK/image.tar" $'/evil\e[31m\nlayer 9'
  [ "$status" -eq 0 ] || fail
}

@test "layers, ls, cat: of an archive, of standard input, by name and by id" {
  local archive id
  archive=$(forged good-shell)
  id=$("$MINIRUN" inspect "$archive" | jq -r .Id)
  for image in "$archive" - forged:latest "${id:7:12}"; do
    run -0 --separate-stderr "$MINIRUN" ls "$image" /bin <"$archive"
    grep -q busybox <<<"$output" || fail "$image"
  done
  minirun ls --image hello-two "$FIXTURES/multi-two-images-docker20.tar" /
  grep -q hello <<<"$output" || fail
  minirun ls no-such-image /
  says_no 'no such file, and no image'
  for wrong in "ls $archive" "cat $archive" layers "ls $archive / /" "layers --layer 1 $archive"; do
    # shellcheck disable=SC2086
    minirun $wrong
    says_no 'usage|means nothing'
  done
}

@test "ls: hundreds of layers, each with directories many deep" {
  local n dirs=()
  for n in $(seq 120); do
    mkdir -p "$WORK/$n/1/2/3/4/5/6/7/8/9/10"
    touch "$WORK/$n/1/2/3/4/5/6/7/8/9/10/$n"
    dirs+=("$WORK/$n")
  done
  saved "$WORK/deep.tar" "${dirs[@]}"
  run -0 --separate-stderr bash -c "ulimit -Sn 1024; '$MINIRUN' ls '$WORK/deep.tar' /1/2/3/4/5/6/7/8/9/10"
  [ "$(grep -c '^-' <<<"$output")" -eq 120 ] || fail
  run -0 --separate-stderr bash -c "ulimit -Sn 1024; '$MINIRUN' layers '$WORK/deep.tar'"
}

@test "diff: a directory where the image has a symlink, and one that was made anew" {
  new_rootfs
  mkdir -p "$ROOTFS/data/sub"
  touch "$ROOTFS"/data/{old,sub/deep}
  ln -s etc "$ROOTFS/link"
  new_image
  exits 0 --keep --name changed "$IMAGE" sh -c \
    'rm /link; mkdir /link; echo >/link/passwd; rm -r /data; mkdir -p /data/sub; echo >/data/sub/new'
  minirun diff changed
  diff <(printf '%s\n' "$output") - <<'END' || fail
C /data
D /data/old
C /data/sub
D /data/sub/deep
A /data/sub/new
C /link
A /link/passwd
END
  minirun rm changed
}
