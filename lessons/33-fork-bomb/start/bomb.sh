#!/bin/bash
# shellcheck disable=SC2016  # for the shell inside
# bomb.sh IMAGE: a fork bomb in a container that may have 20 processes.

bomb='(for i in $(seq 200); do sleep 1000 & done); sleep 1000'
../minirun "$1" sh -c "$bomb"
