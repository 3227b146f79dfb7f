#!/usr/bin/env python3
"""Types what a lesson's page says, in one shell, and compares what it prints with what stands there.

usage: lesson_page.py README.md DIRECTORY

A block that begins with ```console run is run; "$ " and "# " stand before what is typed. In a block that is marked
```console run numbers, a number of three or more digits (or with a dot, or a hexadecimal id of 12) may be another one, but
the same everywhere in the block, and two different ones must not become equal. Lines of "..." stand for any lines.
"""
import os
import re
import selectors
import subprocess
import sys
import time

NUMBER = re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{12,}\b|\d+\.\d[\w.-]*|\b\d{3,}\b|(?<=  )\d+ (?=µs)")

# What a shell without a terminal says of a job in the background; one with a terminal says it in other words.
JOB_ENDED = re.compile(r"bash: line \d+: +\d+ (Killed|Terminated) ")


def blocks(page):
    """(first line's number, marks, lines) of each block that is to be run."""
    found, current = [], None
    for number, line in enumerate(open(page, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if current is None and line.startswith("```console run"):
            current = (number, line.split()[2:], [])
        elif current is not None and line == "```":
            found.append(current)
            current = None
        elif current is not None:
            current[2].append(line)
    return found


def commands(lines):
    """[[typed, [lines expected]]]"""
    found = []
    for line in lines:
        if re.match(r"[$#] ", line):
            found.append([line[2:], []])
        elif line.startswith("> "):
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return found


class Shell:
    def __init__(self, directory):
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.count = 0

    def type(self, text, seconds=30):
        """What it prints until it is done."""
        self.count += 1
        mark = f"--- end of {self.count} ---"
        # A person takes a while to type the next line. What was started has begun by then, and what was killed has ended.
        pause = "sleep 1;" if text.rstrip().endswith("&") else "sleep 0.3;" if re.search(r"\bkill\b", text) else ""
        self.process.stdin.write(f"{text}\n{{ _s=$?; {pause} echo '{mark}'; (exit $_s); }}\n".encode())
        self.process.stdin.flush()
        said, end = b"", time.monotonic() + seconds
        while mark.encode() + b"\n" not in said:
            if not self.selector.select(end - time.monotonic()):
                return said.decode() + f"\n(nothing more for {seconds} seconds)"
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return said.decode() + "\n(the shell ended)"
            said += more
        return said.decode()[: said.decode().index(mark)]


def equal(expected, seen, numbers, known):
    if not numbers:
        return expected == seen
    if NUMBER.sub("N", expected) != NUMBER.sub("N", seen):
        # columns may be wider or narrower with other numbers, and a cut text ends elsewhere
        narrow = [re.sub(r" +", " ", NUMBER.sub("N", text)) for text in (expected, seen)]
        if narrow[0] != narrow[1]:
            return False
    for one, other in zip(NUMBER.findall(expected), NUMBER.findall(seen)):
        if known.setdefault(one, other) != other and "." not in one and not one.endswith(" "):
            return False
    values = [known[one] for one in known if re.fullmatch(r"\d{3,}", one)]
    return len(values) == len(set(values))


def same(expected, seen, numbers, known):
    """Are these lines those, where "..." is any?"""
    if not expected:
        return not seen
    if expected[0].strip() == "...":
        return any(same(expected[1:], seen[skip:], numbers, dict(known)) for skip in range(len(seen) + 1))
    return bool(seen) and equal(expected[0], seen[0], numbers, known) and same(expected[1:], seen[1:], numbers, known)


def main():
    page, directory = sys.argv[1:]
    shell, wrong = Shell(directory), 0
    for number, marks, lines in blocks(page):
        known = {}
        for typed, expected in commands(lines):
            seen = [line.rstrip() for line in shell.type(typed).splitlines() if not JOB_ENDED.match(line)]
            if not same([line.rstrip() for line in expected], seen, "numbers" in marks, known):
                wrong += 1
                print(f"{page}:{number}: $ {typed}")
                print("  it says: " + "\n           ".join(expected))
                print("  printed: " + "\n           ".join(seen))
    shell.process.stdin.close()
    shell.process.kill()
    return 1 if wrong else 0


sys.exit(main())
