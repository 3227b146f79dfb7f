#!/usr/bin/env bats
# Archives in forms that real tools write, beside docker save's: each runs, or is called what it is.
# shellcheck disable=SC2154  # bats sets stderr, output, status

load helpers

# says_once REGEX: a line of stderr matches, and no second one.
says_once() { [ "$(grep -cE -- "$1" <<<"$stderr")" -eq 1 ] || fail "not said once: $1"; }

# is_silent: nothing on stderr.
is_silent() { [ -z "$stderr" ] || fail "said something"; }

# listed REGEX...: without --image the archive's images are listed, each on a line that matches.
listed() {
  [ "$status" -eq 125 ] || fail "not refused"
  [[ $stderr == *'holds several images'* ]] || fail "no list"
  for regex; do grep -qE -- "$regex" <<<"$stderr" || fail "not listed: $regex"; done
}

# Docker 20.10 takes all of them. skopeo 1.9 opens members by the very name: neither /x for x nor x for /x.
@test "case 1: a member that is named /x, ./x or x is one member" {
  runs_hello "$(forged good-slash-in-manifest)"
  runs_hello "$(forged good-slash-in-headers)"
  runs_hello "$(forged good-dot-slash-in-headers)"
  runs_hello - <"$(forged good-slash-in-headers)"
}

# Docker 20.10 loads them. skopeo 1.9 takes a hard link for an empty file, and then its digest is wrong.
@test "case 1: a layer that is a hard link to another member is that member, outside is refused" {
  for id in good-hard-linked-layers good-hard-linked-twice; do
    MINIRUN_ROOT=$WORK/store-$id runs_hello "$(forged "$id")"
    MINIRUN_ROOT=$WORK/store-$id- runs_hello - <"$(forged "$id")"
  done
  case_refused case-1-hard-link-outside 'is a hard link to .*, which is outside the archive'
  case_refused case-1-hard-link-absolute 'is a hard link to .*, which is not in the archive'
}

# Docker 20.10 and skopeo 1.9 (docker-archive:) read manifest.json alone, in all of case 10.
@test "case 10: docker save 25.0 by id, whose index names nothing" {
  runs_hello "$(forged good-docker25-untagged)"
  is_silent
}

@test "case 10: docker save NAME ID, whose index has only the name" {
  local archive id
  archive=$(forged tool-docker25-name-and-id)
  minirun "$archive"
  listed 'one:1 ' '<no name> '
  id=$(grep -oE '<no name> +[0-9a-f]+' <<<"$stderr" | grep -oE '[0-9a-f]+$')
  runs_hello "$archive" --image one:1
  is_silent
  runs_hello "$archive" --image "$id"
}

@test "case 10: docker save 25.0, whose index has the layers in another order: said once" {
  runs_hello "$(forged good-docker25-other-order)"
  says_once 'disagree on the layers of .*; manifest\.json decides'
}

@test "case 10: manifest.json decides where index.json has another image of its name: said once" {
  runs_hello "$(forged case-10-disagree)"
  says_once 'both name an image forged:latest, but not the same one; manifest\.json decides'
}

@test "case 10: in a directory, a manifest.json that is changed counts, though index.json is as it was" {
  mkdir "$WORK/dir"
  tar -xf "$(forged tool-docker25-name-and-id)" -C "$WORK/dir"
  touch -d 2001-02-03 "$WORK/dir"/*.json
  sleep 0.1
  runs_hello "$WORK/dir" --image one:1
  sed -i 's/one:1/two:2/' "$WORK/dir/manifest.json"
  runs_hello "$WORK/dir" --image two:2
}

@test "case 10: apko, whose index.json leads nowhere" {
  runs_hello "$(forged good-apko)"
  is_silent
}

# skopeo 1.9 and umoci 0.4 take oci:DIR:v2.
@test "an OCI layout with bare tags is listed by them, and its images are named after the file" {
  local archive
  archive=$(forged tool-oci-two-tags)
  minirun "$archive"
  listed ' tool-oci-two-tags:latest ' ' tool-oci-two-tags:v2 '
  runs_hello "$archive" --image v2
  runs_hello "$archive" --image v2 # known by now
  runs_hello tool-oci-two-tags:v2
  mv "$archive" "$WORK/My Image.tar"
  minirun load "$WORK/My Image.tar"
  runs_hello my-image:v2
}

@test "an OCI layout with bare tags as a directory, and from standard input" {
  archive=$(forged tool-oci-two-tags-dir)
  runs_hello "$archive/" --image v2
  runs_hello tool-oci-two-tags-dir:v2
  minirun run --image v2 - <"$(forged tool-oci-two-tags)"
  [ "$output" = "$HELLO" ] || fail "standard input"
  minirun run --image v3 "$archive"
  [[ $status -eq 125 && $stderr == *"there is no image 'v3'"*:latest*:v2* ]] || fail "v3"
}

# Docker 20.10 loads it; skopeo 1.9 says "loading tar component manifest.json: file does not exist".
@test "docker save before 1.10 runs" {
  for id in good-docker-before-1.10 good-docker-before-1.10-dir; do
    MINIRUN_ROOT=$WORK/store-$id runs_hello "$(forged "$id")"
    MINIRUN_ROOT=$WORK/store-$id runs_hello forged:latest
    is_silent
  done
  MINIRUN_ROOT=$WORK/store-stdin runs_hello - <"$(forged good-docker-before-1.10)"
  minirun run --dry-run "$(forged good-docker-before-1.10)"
  [ "$status" -eq 0 ] || fail "dry run"
}

# hints REGEX: the hint of what was refused last.
hints() { grep -qE "^hint: .*$1" <<<"$stderr" || fail "no such hint: $1"; }

@test "skopeo's dir: and podman's docker-dir are called what they are, with what converts them" {
  case_refused tool-skopeo-dir "manifest.* as skopeo's dir: and podman save --format docker-dir"
  hints 'skopeo copy dir:DIR docker-archive:FILE.tar'
  case_refused tool-skopeo-dir-tar "skopeo's dir:"
}

@test "a layer that is encrypted, or lies elsewhere, is called so" {
  case_refused tool-encrypted-layer 'blobs/sha256/[0-9a-f]{64} is an encrypted layer'
  hints '--decryption-key'
  case_refused tool-foreign-layer 'foreign layer.* it lies at https://example.com/l'
  runs_hello "$(forged good-foreign-layer-there)"
}

@test "what is no image is called what it is, with a hint that helps" {
  case_refused tool-utf16 'UTF-16 text, which PowerShell'
  hints 'docker save NAME -o FILE.tar'
  case_refused tool-line-before-tar '"WARNING: no swap limit support"\) and then an archive'
  hints 'tail -c \+32 FILE > NEW'
  tail -c +32 "$(forged tool-line-before-tar)" >"$WORK/cut.tar"
  runs_hello "$WORK/cut.tar"
  case_refused tool-line-before-gzip 'and then an archive'
  case_refused tool-crlf 'each line end in it is CR LF'
  hints 'binary mode'
  case_refused tool-crlf-gzip 'each line end in it is CR LF'
  case_refused tool-git-lfs 'Git LFS pointer'
  hints 'git lfs pull'
  case_refused tool-html 'HTML page'
  hints 'download failed'
}

# Docker 20.10 (overlay2): "Error processing tar file(exit status 1): link /hello /again: no such file or directory".
@test "a hard link to a file of a lower layer is refused, and not called an attack" {
  case_refused tool-hard-link-to-lower-layer 'again: is a hard link to hello, which is no file of this layer'
  hints 'as containerd does; Docker.s overlay2 refuses it too'
  [[ $stderr != *trust* ]] || fail "distrust"
}

# Docker 20.10 (overlay2) loads it in silence, and then: exec: "/bin/hello": stat /bin/hello: no such file or directory.
@test "a layer that brings bin/x over a symlink bin: said once, when the image is loaded" {
  local archive
  archive=$(forged tool-directory-over-symlink)
  touch -d 2001-02-03 "$archive"
  sleep 0.1
  runs_hello "$archive"
  says_once 'layer 2 of 2 hides files, in Docker as here: /bin is a directory where .* a symlink to usr/bin: 2 names'
  runs_hello "$archive"
  is_silent
  minirun load "$(forged tool-opaque-over-symlink)"
  is_silent
}

# Docker 20.10 runs it.
@test "an architecture in uname's words is the machine's" {
  runs_hello "$(forged good-architecture-of-uname)"
  is_silent
}
