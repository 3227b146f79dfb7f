#!/usr/bin/env bats
# Lesson 5: run.sh unpack makes the tree that a container of the image sees.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

# Each thing that layers can do, once, with content that is chosen anew each time.
setup_file() {
  local dir=$BATS_FILE_TMPDIR
  word=$(random_word)
  umask 022
  mkdir -p "$dir"/{1,2,3}/{bin,data}
  cd "$dir/1" || return
  mkdir -m 1777 tmp
  mkdir -p data/{cache/deep,old-dir,is-dir/below}
  for file in bin/tool data/{kept,gone,'gone too',back,is-file,old-dir/a,cache/a,cache/deep/b}; do echo "1 $word" > "$file"; done
  chmod 4755 bin/tool
  ln bin/tool bin/tool2
  ln -s ../data/kept bin/link
  echo "$word" > data/own && chown 1234:4321 data/own && chmod 640 data/own
  cd "$dir/2" || return
  echo "2 $word" > bin/tool
  touch data/.wh.gone 'data/.wh.gone too' data/.wh.back data/.wh.old-dir
  mkdir data/cache data/is-file && touch data/cache/.wh..wh..opq
  for file in data/{cache/c,is-file/below,is-dir,added}; do echo "2 $word" > "$file"; done
  cd "$dir/3" || return
  for file in data/{back,added}; do echo "3 $word" > "$file"; done
  cd "$LAB_WORK" || return
  while make_image "$dir/image.tar" new '{"Cmd":["/bin/tool"]}' "$dir"/[123]; ! is_mixed "$dir/image.tar"; do
    random_word > "$dir/3/data/salt"
  done
  make_image "$dir/packed.tar" packed '{"Cmd":["/bin/tool"]}' "$dir"/[123]
  make_image "$dir/one.tar" old '{"Cmd":["/bin/tool"]}' "$dir/1"
  tree=$dir/tree
  timeout 10 ./run.sh unpack "$dir/image.tar" "$tree" > "$dir/said" 2>&1 < /dev/null 3>&- || true
  export word tree
}

there() { # there PATH...: the paths below data that are in the tree
  local path
  for path; do [ ! -e "$tree/$path" ] || echo "$path"; done
}

content() { (cd "$tree" && cat "$1" 2>&1); }

has_tree() { [ -e "$tree/data" ] || missing "there is no tree: $(head -n 1 "$BATS_FILE_TMPDIR/said")" "try it: ./run.sh unpack ../examples/whiteouts.tar.gz tree; find tree"; }

@test "predict.txt says what you expected" {
  predicted "what does tool2 hold after layer 2 has brought another tool?" old new
}

@test "one layer: all its files, with modes, owners and links" {
  for form in one packed; do
    ./run.sh unpack "$BATS_FILE_TMPDIR/$form.tar" "$BATS_TEST_TMPDIR/$form" > "$BATS_TEST_TMPDIR/said" 2>&1 < /dev/null 3>&- || true
  done
  state() { (cd "$1" && stat -c '%A %h %N' bin/tool2 tmp bin/link data/kept && echo "$2"); }
  want=$(state "$BATS_FILE_TMPDIR/1" "" 2>&1)
  got=$(state "$BATS_TEST_TMPDIR/one" "" 2>&1) || missing "there is no tree: $(head -n 1 "$BATS_TEST_TMPDIR/said")" \
    "try it: ./run.sh unpack ../examples/whiteouts.tar.gz tree; find tree"
  same "$want" "$got" "tar -x keeps modes only with -p, unless root calls it"
  [ -e "$BATS_TEST_TMPDIR/packed/data/own" ] || bad "all that the layer has" "data/own is not there" \
    "if that is tar --recursive-unlink: it empties what is there before each directory of the layer, and that is more than you want"
  same "1234:4321 640" "$(stat -c '%u:%g %a' "$BATS_TEST_TMPDIR/packed/data/own" 2>&1)" \
    "owners are numbers of the image, not of this machine's names: tar --numeric-owner"
}

@test "a higher layer's file takes the place of a lower one's" {
  has_tree
  hint="data/added is in layers 2 and 3. Which layer has to come last?"
  [ ! -s "$BATS_FILE_TMPDIR/said" ] || hint="run.sh stopped before it came to layer 3. It said: $(head -n 1 "$BATS_FILE_TMPDIR/said")"
  same "3 $word" "$(content data/added)" "$hint"
  same "2 $word" "$(content bin/tool)" "bin/tool is in layers 1 and 2: which has to come last?"
}

@test "and a hard link to the lower one keeps what it had" {
  has_tree
  same "1 $word" "$(content bin/tool2)" "bin/tool and bin/tool2 were two names of one file. Layer 2 brings a new file: don't write into the old one, unlink it first"
}

@test "what has a whiteout is gone, files and directories" {
  has_tree
  same '' "$(there data/gone 'data/gone too' data/old-dir)" \
    "the layer has a file .wh.NAME beside where NAME was, and names may hold blanks: remove NAME before the layer's own files come"
}

@test "no whiteout is left as a file" {
  has_tree
  same '' "$(cd "$tree" && find . -name '.wh.*')" "a whiteout tells something and is no file of the image: leave it out, tar --exclude"
}

@test "of an opaque directory only the layer's own content is seen" {
  has_tree
  [ -e "$tree/data/cache/c" ] || bad c "$(ls "$tree/data/cache")" "data/cache/c is the layer's own: take away before what it brings, not after"
  same "c" "$(ls "$tree/data/cache")" ".wh..wh..opq in a directory hides all that the layers below have in it"
}

@test "what was deleted comes back with a higher layer" {
  has_tree
  same "3 $word" "$(content data/back)" "layer 2 deletes data/back, layer 3 brings it again: each layer takes away before what it brings, and is done before the next"
}

@test "a directory takes the place of a file, and a file that of a directory" {
  has_tree
  same "2 $word" "$(content data/is-file/below)" "data/is-file was a file in layer 1 and is a directory in layer 2"
  same "2 $word" "$(content data/is-dir)" "data/is-dir was a directory in layer 1 and is a file in layer 2: tar does not remove a directory that is not empty, so you have to"
}

@test "an image can't delete or write outside of DIR" {
  has_tree
  local dir=$BATS_TEST_TMPDIR
  mkdir -p "$dir"/{victim,a,b/way}
  echo safe > "$dir/victim/file"
  ln -s ../victim "$dir/a/way" # the first layer's link, from DIR into the directory beside it
  touch "$dir/b/way/.wh.file"
  mkdir -p "$dir/c/way" && echo hostile > "$dir/c/way/file"
  make_image "$dir/hostile.tar" new '{}' "$dir/a" "$dir/b"
  student 10 ./run.sh unpack "$dir/hostile.tar" "$dir/DIR"
  same safe "$(cat "$dir/victim/file" 2>&1)" \
    "layer 1 has a link way -> ../victim, layer 2 a whiteout way/.wh.file: it led out of the tree, to a file of yours. Look where a path leads (realpath -m) before you delete"
  make_image "$dir/hostile.tar" new '{}' "$dir/a" "$dir/c"
  student 10 ./run.sh unpack "$dir/hostile.tar" "$dir/DIR2"
  same safe "$(cat "$dir/victim/file" 2>&1)" \
    "layer 1 has a link way -> ../victim, layer 2 a file way/file: tar went through the link. Look where each name leads (realpath -m) before tar does"
  [ "$status" != 0 ] || bad "a status that is not 0" "$status" "the image was not unpacked as it says: whoever called run.sh has to know"
}
