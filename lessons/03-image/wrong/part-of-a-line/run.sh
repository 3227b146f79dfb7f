#!/usr/bin/env bash
# A container runner in shell. It grows with the lessons, until it runs an image by itself.
#
#   run.sh layers IMAGE         the paths of the layers inside the archive, one a line, the lowest layer first
#   run.sh words IMAGE          the words of the command that the image says to run, one a line
#   run.sh owner IMAGE PATH     the number of the layer whose PATH a container sees; 1 is the lowest
#                               status 1 and nothing printed, if no layer has it
set -eu

# Prints a file of the archive.
document() { tar -xOf "$image" "$1"; }

# Only manifest.json knows the order. The archive's own order means nothing.
layers() { document manifest.json | jq -r '.[0].Layers[]'; }

config() { document "$(document manifest.json | jq -r '.[0].Config')"; }

words() { config | jq -r '.config | (.Entrypoint // []) + (.Cmd // []) | .[]'; }

# The names of a layer of the archive, written as in PATH: bin/sh, not ./bin/sh or bin/.
names() { document "$1" | tar -t | sed 's#^\./##; s#/$##'; }

owner() {
  local path=${1#/} number=0 found=0 layer
  for layer in $(layers); do
    number=$((number + 1))
    # A higher layer's file lies over those below. (grep without -q: it reads all, so tar can finish.)
    if names "$layer" | grep -F -- "$path" > /dev/null; then found=$number; fi
  done
  [ "$found" != 0 ] || return 1
  echo "$found"
}

action=$1 image=$2
shift 2
case $action in
  layers | words | owner) "$action" "$@" ;;
  *) echo "run.sh: I don't know: $action" >&2 && exit 125 ;;
esac
