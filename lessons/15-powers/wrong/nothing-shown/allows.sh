#!/bin/sh
# usage: sudo ./mystery.sh sh /mnt/allows.sh NUMBER
# Shows, inside the container, what it allows. One that has lost only one guard allows one of these, and the others fail.

echo "I am root, and my number is $1"
