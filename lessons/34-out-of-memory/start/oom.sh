#!/bin/bash
# shellcheck disable=SC2016  # for the shell inside
# oom.sh IMAGE: a container that may have 32 MiB. Its shell starts an eater of memory, and waits for it.

eater='x=a; while :; do x=$x$x; done'
../minirun -m 32m -e EATER="$eater" "$1" sh -c 'sh -c "$EATER" & wait $!; echo "still here: $?"'
