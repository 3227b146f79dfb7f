#!/usr/bin/env bats
# Lesson 3: run.sh reads a saved image with tar and jq: its layers, its command, whose file is seen.

# what ../check.bash sets
# shellcheck disable=SC2154

load ../check
load ../image

# Images of four layers, with names that are chosen anew each time.
setup_file() {
  local dir=$BATS_FILE_TMPDIR number
  once=$(random_word) often=$(random_word).conf word=$(random_word)
  for number in 1 2 3 4; do
    mkdir -p "$dir/$number/etc/$number.d"
    echo "$number" > "$dir/$number/etc/$number.d/file"
  done
  single=$((2 + RANDOM % 2)) # the layer with the file that only one has
  echo here > "$dir/$single/etc/$once"
  top=$((single == 2 ? 3 : 2)) # the highest layer with the file that more have
  echo low > "$dir/1/etc/$often"
  echo high > "$dir/$top/etc/$often"
  # Names that look alike to a careless search, in the highest layer.
  touch "$dir/4/etc/$once-more" "$dir/4/etc/${often/./x}"
  mkdir "$dir/4/usr" && touch "$dir/4/usr/$once"
  config=$(jq -cn --arg word "$word" '{Entrypoint: ["/bin/echo", $word], Cmd: ["two words", "$HOME"]}')
  for form in old new; do
    while make_image "$dir/$form.tar" "$form" "$config" "$dir"/[1-4]; ! is_mixed "$dir/$form.tar"; do
      random_word > "$dir/1/etc/salt" # by chance the archive had the order of the stack
    done
  done
  make_image "$dir/plain.tar" old '{"Entrypoint":null,"Cmd":["/bin/true"]}' "$dir/1"
  export once often word single top
}

image() { echo "$BATS_FILE_TMPDIR/$1.tar"; }

run_sh() { student 10 ./run.sh "$@"; }

@test "predict.txt says what you expected" {
  predicted "can a file that a higher layer deletes still be read?" yes no
}

@test "run.sh layers IMAGE: their paths, the lowest first" {
  expected=$(layer_paths "$(image old)")
  run_sh layers "$(image old)"
  hint="one path a line and nothing else: jq -r prints text without quotes"
  if [ "$(sort <<< "$output")" = "$(sort <<< "$expected")" ]; then
    hint="these are the right layers in another order. Which document tells the order? The archive has them in any"
  fi
  same "$expected" "$output$errors" "$hint"
}

@test "run.sh layers with an image as docker writes it since version 25" {
  expected=$(layer_paths "$(image new)")
  run_sh layers "$(image new)"
  same "$expected" "$output$errors" "here no layer is called layer.tar: manifest.json has the names, so don't guess them"
}

@test "run.sh words IMAGE: Entrypoint and then Cmd" {
  run_sh words "$(image old)"
  expected=$(printf '%s\n' /bin/echo "$word" 'two words' "\$HOME")
  hint="manifest.json names the config; there, .config.Entrypoint and .config.Cmd are lists of words"
  # shellcheck disable=SC2016  # the shell must not put it in
  [[ $output != *'$HOME' || $output == */bin/echo* ]] || hint="Cmd has the arguments and Entrypoint the program in front of them: both are needed"
  same "$expected" "$output$errors" "$hint"
}

@test "run.sh words of an image without Entrypoint" {
  run_sh words "$(image plain)"
  same /bin/true "$output$errors" "Entrypoint is null in this image. In jq, null // [] is an empty list"
}

@test "run.sh owner IMAGE PATH: a file that one layer has" {
  run_sh owner "$(image old)" "/etc/$once"
  hint="layer $single has ./etc/$once"
  [ "$output" != 4 ] || hint="layer 4 has ./etc/$once-more and ./usr/$once, which are other files: compare whole lines, grep -x"
  [ -n "$output" ] || hint="in this archive the layer's list says ./etc/$once, and the path that was asked for is /etc/$once"
  same "$single" "$output$errors" "$hint"
}

@test "run.sh owner of a file that several layers have" {
  run_sh owner "$(image old)" "/etc/$often"
  hint="layers 1 and $top have it, and the higher one lies over the lower"
  [ "$output" != 4 ] || hint="layer 4 has etc/${often/./x}: to grep a dot is any character, unless you say -F"
  same "$top" "$output$errors" "$hint"
}

@test "run.sh owner of a directory, where names have no ./" {
  run_sh owner "$(image new)" /etc/3.d
  same 3 "$output$errors" "a layer may list it as etc/3.d/ or as ./etc/3.d/: bring both to one form before you compare"
}

@test "run.sh owner of a path that no layer has: status 1, and nothing printed" {
  run_sh owner "$(image new)" "/etc/nosuch-$once"
  same "status 1, nothing printed" "status $status, ${output:-nothing} printed" "return 1 from owner, and print only what was found"
}
