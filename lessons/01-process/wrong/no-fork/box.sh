#!/bin/sh
# usage: box.sh NAME COMMAND [ARG...]
# Runs COMMAND as process 1 of a pid namespace, with a uts and an ipc namespace of its own, on a host called NAME.

# --fork: unshare itself stays in the old pid namespace, only its children are born into the new one.
# exec: the shell that sets the name is process 1, and becomes COMMAND.
# shellcheck disable=SC2016  # the inner shell puts in the words
exec unshare --uts --ipc --pid sh -c 'hostname "$1"; shift; exec "$@"' sh "$@"
