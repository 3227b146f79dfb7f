#!/bin/sh
# usage: sudo ./mystery.sh sh /mnt/allows.sh NUMBER
# Shows, inside the container, what it allows. One that has lost only one guard allows one of these, and the others fail.

cat /proc/interrupts
cat /proc/net/unix
cat /proc/sysvipc/sem
echo "$1" > /proc/sys/vm/dirty_expire_centisecs
mknod /disk b 8 "$1"
unshare -U sleep "$1" &
