#!/bin/sh
# The name is set before there is a namespace to set it in.
hostname "$1"
shift
exec unshare --uts --ipc --pid --fork "$@"
