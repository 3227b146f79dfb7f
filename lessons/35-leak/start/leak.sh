#!/bin/bash
# leak.sh STORE ARCHIVE: a container whose mounts leak; prints them, and takes them away.

../minirun --root "$1" "$2" true
