#!/bin/sh
# usage: sudo ./mystery.sh sh /mnt/allows.sh NUMBER
# Shows, inside your container, what it allows. The page says what has to happen, for each thing that may have been left out.

# TODO
