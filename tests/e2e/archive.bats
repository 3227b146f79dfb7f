#!/usr/bin/env bats
# Hostile archives as a whole: names, digests, documents, compressed streams. See the list of cases in build/forge list.
# shellcheck disable=SC2154,SC2034  # bats sets stderr, output, status; helpers.bash reads ran

load helpers

@test "case 1: a config or layer outside the archive, or one that is no file, is refused" {
  case_refused case-1-config-dotdot 'Config.*config\.json'
  case_refused case-1-config-absolute 'Config.*config\.json|victim'
  case_refused case-1-layer-dotdot 'Layers.*layer\.tar'
  case_refused case-1-layer-absolute 'Layers.*layer\.tar|victim'
  case_refused case-1-config-is-dir 'config\.json'
  case_refused case-1-layer-is-dir 'layer\.tar'
  case_refused case-1-config-is-fifo 'config\.json'
  case_refused case-1-layer-is-fifo 'layer\.tar'
  case_refused case-1-config-missing 'nowhere\.json'
  case_refused case-1-layer-missing 'nowhere\.tar'
}

@test "case 1: the same in a directory, and no file outside is opened" {
  local archive
  for id in $(cases case-1-dir-); do
    archive=$(forged "$id")
    case $id in
      *-blob-symlink) refused 'blobs/sha256/[0-9a-f]{64} is a symlink' "$archive" ;;
      case-1-dir-config-symlink) refused 'config\.json is a symlink' "$archive" ;;
      case-1-dir-layer-symlink) refused 'layer\.tar is a symlink' "$archive" ;;
      case-1-dir-layer-fifo) refused 'layer\.tar is not a regular file' "$archive" ;;
      *-absolute) refused 'config\.json, which is not in the archive' "$archive" ;;
      *) refused 'config\.json.*leads out of the archive' "$archive" ;;
    esac
    strace -f -qq -e trace=open,openat,openat2,execve -o "$WORK/trace" "$MINIRUN" load "$archive" 2>/dev/null || true
    [ -s "$WORK/trace" ] || fail "no trace"
    if grep -E 'victim/.* = [0-9]' "$WORK/trace"; then fail "$id: opened a file of the host"; fi
  done
}

@test "case 2: a layer.tar that is a symlink works one hop inside the archive" {
  runs_hello "$(forged good-layer-symlinks)"
}

@test "case 2: a layer.tar that is a symlink in a loop, to outside or to nothing is refused" {
  for id in $(cases case-2-); do case_refused "$id" 'layer\.tar'; done
}

@test "case 3: what is no digest is refused before any path is built" {
  for id in case-3-traversal case-3-config-traversal case-3-layer-traversal; do
    case_refused "$id" 'sha256:\.\./'
  done
  case_refused case-3-diff-id-traversal 'diff_ids.*sha256:\.\./'
  case_refused case-3-uppercase 'sha256:[0-9A-F]{64}'
  case_refused case-3-63-hex 'sha256:[0-9a-f]{63}'
  case_refused case-3-65-hex 'sha256:[0-9a-f]{65}'
  case_refused case-3-unknown-algorithm 'md5:'
  case_refused case-3-no-algorithm '0{64}'
  case_refused case-3-empty 'index\.json'
}

@test "case 4: a blob whose bytes are not what its digest says is refused" {
  for part in layer config manifest; do
    case_refused "case-4-$part-differs" 'blobs/sha256/[0-9a-f]{64}.*expected sha256:.*found sha256:'
  done
}

@test "case 4: a blob whose size is not what its descriptor says is refused" {
  case_refused case-4-layer-size-short 'blobs/sha256/[0-9a-f]{64}.*[0-9]+ bytes'
  case_refused case-4-layer-size-long 'blobs/sha256/[0-9a-f]{64}.*[0-9]+ bytes'
  case_refused case-4-layer-size-negative '/layers/0/size'
  case_refused case-4-config-size-short 'blobs/sha256/[0-9a-f]{64}.*[0-9]+ bytes'
  case_refused case-4-manifest-size-long 'blobs/sha256/[0-9a-f]{64}.*[0-9]+ bytes'
}

@test "case 5: a layer that is not the one of its diff id is refused" {
  for id in case-5-diff-id-mismatch case-5-swapped; do
    case_refused "$id" 'layer\.tar.*diff id.*expected sha256:.*found sha256:'
    case_refused "$id-oci" 'blobs/sha256/.*diff id.*expected sha256:.*found sha256:'
  done
}

@test "case 5: more or fewer diff ids than layers are refused" {
  for id in case-5-too-few case-5-too-many case-5-none; do case_refused "$id" 'diff_ids'; done
}

@test "case 6: an image cannot claim another's layer" {
  minirun load "$(forged case-6-honest)"
  [ "$status" -eq 0 ]
  case_refused case-6-liar 'layer\.tar.*diff id'
  runs_hello honest:1
}

@test "case 7: a document with both layers and manifests is refused" {
  case_refused case-7-manifest-with-manifests 'blobs/sha256/.*ambiguous.*manifests.*layers'
  case_refused case-7-index-with-layers 'index\.json.*ambiguous.*manifests.*layers'
}

@test "case 8: an index that refers to itself, is 1,000 deep or fans out is refused, soon" {
  case_refused case-8-index-cycle 'index|blobs/sha256/'
  case_refused case-8-index-deep 'nested deeper than 8'
  ran=fan-out
  run --separate-stderr timeout 5 "$MINIRUN" load "$(forged case-8-index-fan-out)"
  [ "$status" -ne 124 ] || fail "still busy after 5 s"
  [ "$status" -eq 0 ] || says_no 'index|references'
}

@test "case 9: what is missing or empty is named, each in its own words" {
  local seen=""
  for id in case-9-manifest-null case-9-manifest-empty-array case-9-manifest-empty-file \
    case-9-manifest-object case-9-manifest-no-config; do
    case_refused "$id" 'manifest\.json'
    seen+=${stderr//$id/}$'\n'
  done
  for id in case-9-index-no-manifests case-9-index-empty-array; do
    case_refused "$id" 'index\.json.*manifests'
    seen+=${stderr//$id/}$'\n'
  done
  for id in case-9-no-manifest case-9-empty-file case-9-not-an-archive case-9-empty-tar case-9-root-file-system; do
    case_refused "$id"
    seen+=${stderr//$id/}$'\n'
  done
  [ "$(grep -c '^minirun: ' <<<"$seen")" -eq "$(grep '^minirun: ' <<<"$seen" | sort -u | wc -l)" ] ||
    fail "two cases have the same words: $seen"
}

@test "case 9: a root file system is told from an image" {
  case_refused case-9-root-file-system 'root file system'
  refused 'root file system' "$FIXTURES/busybox-EXPORT-rootfs-not-an-image.tar"
  grep -q '^hint: .*docker save' <<<"$stderr"
}

@test "case 9: an image for another machine is refused, naming both" {
  case_refused case-9-wrong-os 'windows/.*linux/'
  case_refused case-9-wrong-architecture 'linux/s390x.*linux/'
}

@test "case 9: of several images none is chosen unasked, and all are listed" {
  minirun run "$(forged good-two-images)"
  [ "$status" -eq 125 ]
  [[ $stderr == *one:1* && $stderr == *two:2* && $stderr == *--image* ]]
}

@test "case 11: gzip with a bad end, with something after it, or in gzip is refused" {
  case_refused case-11-bad-crc '[Cc][Rr][Cc]|checksum|damaged'
  case_refused case-11-bad-size 'size|length|damaged'
  case_refused case-11-trailing-junk 'after|follow|trailing'
  case_refused case-11-gzip-in-gzip 'gzip'
  case_refused case-11-layer-bad-crc 'layer\.tar.*([Cc][Rr][Cc]|checksum|damaged)'
  case_refused case-11-layer-trailing-junk 'layer\.tar.*(after|follow|trailing)'
  case_refused case-11-layer-gzip-in-gzip 'layer\.tar'
}

@test "case 12: a stream that is cut off is refused, and said to be" {
  for id in $(cases case-12-); do
    case_refused "$id" 'cut off|truncated|ends|incomplete|shorter'
  done
}

@test "case 13: 8 GiB of zeros after the archive's end cost no memory" {
  local archive
  archive=$(forged case-13-zeros-after-archive)
  within 64 "$MINIRUN" load "$archive"
  [ "$status" -eq 0 ] || says_no 'after|end|zeros'
}

@test "case 13: 2 GiB of zeros after a layer's end cost no memory" {
  local archive
  archive=$(forged case-13-zeros-after-layer)
  within 64 "$MINIRUN" load "$archive"
  [ "$status" -eq 0 ] || says_no 'layer\.tar'
}

@test "case 14: no decompressor of an image is ever run, nor any program at all" {
  local archive
  archive=$(forged case-14-ships-xz)
  strace -f -qq -e trace=execve,execveat -o "$WORK/trace" "$MINIRUN" load "$archive"
  [ "$(grep -c exec "$WORK/trace")" -eq 1 ] || fail "$(cat "$WORK/trace")"
  runs_hello "$archive"
  victim_is_unchanged
}

@test "case 15: a layer of 0 bytes, one of zeros, the same empty one twice, 127 layers: all work" {
  for id in good-empty-layer good-zeros-layer good-same-empty-layer-twice good-127-layers; do
    runs_hello "$(forged "$id")"
  done
}

@test "case 15: more layers than the kernel stacks are a clear error" {
  minirun run "$(forged case-15-600-layers)"
  says_no '600 layers'
}
