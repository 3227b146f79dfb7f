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

layers() {
  document manifest.json # TODO: only the layers' paths
}

words() {
  document manifest.json # TODO: which file is the config? It says Entrypoint and Cmd, and either may be missing
}

owner() {
  : "$1" # TODO: a name in a layer may begin with ./ and a directory's ends with /
}

action=$1 image=$2
shift 2
case $action in
  layers | words | owner) "$action" "$@" ;;
  *) echo "run.sh: I don't know: $action" >&2 && exit 125 ;;
esac
