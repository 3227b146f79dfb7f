#!/bin/sh
# usage: can-pivot.sh NEW
# Says what `pivot_root NEW NEW` would answer here, without calling it: EINVAL, EBUSY or ok.

new=$(realpath "$1")
mount=$(stat -c %m "$new") # where the mount is that NEW lies on

# The last line that has a path is the mount on top. Fields 1 and 2 are the mount's number and its parent's.
awk -v new="$new" -v mount="$mount" '
  {
    shared[$1] = 0
    for (i = 7; $i != "-"; i++) if ($i ~ /^shared:/) shared[$1] = 1
  }
  $5 == mount { id = $1; parent = $2 }
  END {
    if (shared[id] || shared[parent]) print "EINVAL"
    else if (mount == "/") print "EBUSY"
    else if (mount != new) print "EBUSY"
    else print "ok"
  }' /proc/self/mountinfo
