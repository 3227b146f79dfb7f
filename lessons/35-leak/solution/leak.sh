#!/bin/bash
# leak.sh STORE ARCHIVE: a container whose mounts leak; prints them, and takes them away.

../minirun --root "$1" --skip private --yes-break-it "$2" true 2> /dev/null
cut -d ' ' -f 5 /proc/self/mountinfo | grep "^$1/"
umount -R "$1"/containers/*/merged
../minirun --root "$1" gc > /dev/null
