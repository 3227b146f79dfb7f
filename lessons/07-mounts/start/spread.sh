#!/bin/sh
# usage: spread.sh PID PATH
# Prints how the mount on PATH that process PID sees passes changes on: private, shared, slave, or both (slave and shared).
# Prints nothing, with status 1, if that process has no mount on PATH.

# TODO: proc(5), "/proc/pid/mountinfo", says which word is which. PATH is the fifth.
awk -v path="$2" '$5 == path { print "private" }' /proc/self/mountinfo
