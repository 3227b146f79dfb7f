#!/bin/sh
# usage: spread.sh PID PATH
# Prints how the mount on PATH that process PID sees passes changes on: private, shared, slave, or both (slave and shared).
# Prints nothing, with status 1, if that process has no mount on PATH.

# 36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw: none or more words stand before the "-".
# A later line lies over an earlier one on the same path.
awk -v path="$2" '
  $5 == path {
    word = "private"
    { i = 7
      if ($i ~ /^shared:/) word = "shared"
      if ($i ~ /^master:/) word = word == "shared" ? "both" : "slave"
    }
  }
  END { if (word == "") exit 1; print word }' "/proc/$1/mountinfo"
