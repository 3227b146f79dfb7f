#!/bin/sh
# usage: box.sh NAME COMMAND [ARG...]
# Runs COMMAND as process 1 of a pid namespace, with a uts and an ipc namespace of its own, on a host called NAME.
# The host itself keeps its name.

# TODO: $1 is the name, and after this shift "$@" is COMMAND with its words.
shift

# TODO: unshare(1) makes the namespaces, hostname(1) gives a name. COMMAND has to be the first process in there.
exec "$@"
