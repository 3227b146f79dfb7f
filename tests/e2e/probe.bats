#!/usr/bin/env bats
# Cases 84 to 87: what is refused inside. A static program tries 95 things and tells the errno of each; tests/probe/probe.table has
# what each should be, and what it is under Docker and podman. A call that becomes allowed, or is refused in another way, fails here.

# bats sets stderr; scripts are expanded where they run
# shellcheck disable=SC2154,SC2016,SC2030,SC2031

load helpers
load container

TABLE=$top/tests/probe/probe.table
PROBE=$top/build/probe

# rows: NAME|ROOT|USER, without the comments
rows() {
  awk -F ' [|] ' '!/^#/ { sub(/ +$/, "", $1); split($2, mine, " "); print $1 "|" mine[1] "|" mine[2] }' "$TABLE"
}

# tried COLUMN OPTION...: the probe's lines against that column. A file that this machine lacks proves nothing.
tried() {
  local column=$1
  shift
  mkdir -p "$WORK/bin"
  cp "$PROBE" "$WORK/bin/"
  minirun -v "$WORK/bin:/made:ro" "$@" "$BUSYBOX" /made/probe
  [ "$status" -eq 0 ] || fail
  sed -E 's/ +([^ ]+)$/|\1/' <<< "$output" > "$WORK/seen"
  rows | cut -d '|' -f "1,$column" > "$WORK/known"
  awk -F '|' '
    NR == FNR { known[$1] = $2; next }
    { seen[$1] = 1 }
    !($1 in known) { print "not in the table: " $1; next }
    $2 == known[$1] || $2 == "absent" { next }
    known[$1] == "absent" && ($2 ~ /^(EROFS|EACCES|EPERM|empty)$/) { next }
    { print $1 ": " $2 ", not " known[$1] }
    END { for (name in known) if (!(name in seen)) print "not tried: " name }' "$WORK/known" "$WORK/seen" > "$WORK/wrong"
  [ ! -s "$WORK/wrong" ] || fail "$(cat "$WORK/wrong")"
}

@test "as root inside: 95 tries, and what comes of each" {
  tried 2
  [ "$(wc -l < "$WORK/seen")" -gt 90 ] || fail "too few"
}

@test "as a user inside" { tried 3 -u 1000; }

@test "the test notices a filter, masks or capabilities that are lifted" {
  local options
  for options in '--security-opt seccomp=unconfined' '--security-opt systempaths=unconfined' '--cap-add NET_RAW' '--privileged'; do
    # shellcheck disable=SC2086  # two words
    run tried 2 $options
    [ "$status" -ne 0 ] || fail "not noticed: $options"
  done
}

@test "the README tells each try that ends in another way under Docker or podman" {
  local name missing=
  while IFS='|' read -r name mine docker podman; do
    read -r name <<< "$name"
    read -ra m <<< "$mine"
    read -ra d <<< "$docker"
    read -ra p <<< "$podman"
    # Refused is refused, by whatever errno; what is not there tells nothing.
    differ=$(
      for i in 0 1; do
        for other in "${d[i]}" "${p[i]}"; do
          kinds=$(for each in "${m[i]}" "$other"; do
            case $each in ok) echo may ;; absent) echo absent ;; *) echo refused ;; esac
          done | sort -u | grep -cvx absent) || true
          [ "$kinds" -lt 2 ] || echo differ
        done
      done
    )
    [ -z "$differ" ] || grep -qF "\`$name\`" "$top/README.md" || missing+="$name; "
  done < <(grep -v '^#' "$TABLE")
  [ -z "$missing" ] || fail "not in the README: $missing"
}

@test "a setuid file gives its owner's power only with no-new-privileges=false" {
  new_rootfs
  cp "$PROBE" "$ROOTFS/bin/as-root"
  chmod 4755 "$ROOTFS/bin/as-root"
  new_image
  minirun -u 1000 "$IMAGE" /bin/as-root euid
  [ "$output" = 1000 ] || fail "it gives power"
  minirun -u 1000 --security-opt no-new-privileges=false "$IMAGE" /bin/as-root euid
  [ "$output" = 0 ] || fail "it gives none"
}
