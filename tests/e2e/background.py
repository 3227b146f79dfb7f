#!/usr/bin/env python3
"""`minirun -i IMAGE cat &` in an interactive shell: what is typed next is the shell's, and after `fg` it is cat's.

usage: background.py MINIRUN
"""

import os
import pty
import select
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.environ["PS1"] = "$ "
    os.execvp("bash", ["bash", "--norc", "--noediting"])
told = b""


def until(text):
    """Reads until the terminal has told it; what comes after it is not read yet."""
    global told
    end = time.monotonic() + 15
    while text not in told:
        left = end - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            sys.exit(f"waited for {text!r}, and saw {told!r}")
        told += os.read(terminal, 4096)
    told = told.partition(text)[2]


def type_line(text):
    os.write(terminal, text + b"\n")


until(b"$ ")
type_line(sys.argv[1].encode() + b" -i busybox-static:1 sh -c 'echo runs; exec cat' &")
until(b"runs\r\n")
for number in range(5):
    type_line(b"echo typed $((%d + 100))" % number)
    until(b"typed %d\r\n" % (100 + number))
type_line(b"fg")
time.sleep(0.3)
type_line(b"hello")
until(b"hello\r\n")  # the terminal's echo
until(b"hello\r\n")  # and cat
os.write(terminal, b"\x04")
type_line(b"echo status $?")
until(b"status 0\r\n")
