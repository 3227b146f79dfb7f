#!/usr/bin/env python3
"""Does a step's `look` show what the step did? Runs minirun --step on a terminal of its own and, at
each stop, the look of the step that was done and of the one that comes.

usage: looks.py KNOWN TRACE MINIRUN OPTION...

KNOWN   a trace of an earlier run with the same options: it tells which look comes next
TRACE   the file that this run shall trace to

After the step it succeeds and prints something, and what it prints is not what it printed before.
"""

import json
import os
import pty
import re
import shutil
import subprocess
import sys

PROMPT = b"[q] undo "
ENTER = b"\n"
# Where nothing has to look different afterwards: how much is to be flushed is the machine's.
MAY_LOOK_THE_SAME = {"flush-layers"}
# Where nothing is left to look at.
NO_LOOK = {"wait", "usage"}
# A look of a program that not every distribution has.
if not shutil.which("bpftool"):
    MAY_LOOK_THE_SAME.add("devices")


def steps_of(path):
    with open(path, encoding="utf-8") as lines:
        return [line for line in map(json.loads, lines) if line["kind"] == "step"]


def see(look):
    done = subprocess.run(["sh", "-c", look], capture_output=True, timeout=20, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def names_of(steps):
    """The container's id, the child's pid, the names of anonymous volumes: what differs by run."""
    text = json.dumps(steps)
    names = re.findall(r"(?:containers|kept)/([0-9a-f]{12})", text)[:1]
    names += [step["result"] for step in steps if step["id"] == "clone"]
    return names + list(dict.fromkeys(re.findall(r"volumes/([0-9a-f]{64})", text)))


class Looks:
    def __init__(self, known):
        self.known = known
        self.before = None  # what the next look printed before its step
        self.problems = []
        self.seen = 0

    def stop(self, done):
        """Between two steps: `done` are those so far."""
        if done:
            self.look_after(done[-1])
        coming = self.known[len(done)]
        look = coming["look"]
        for old, new in zip(names_of(self.known), names_of(done)):
            look = re.sub(rf"\b{old}\b", new, look)
        self.before = see(look) if look else None

    def look_after(self, step):
        if not step["look"]:
            if step["id"] not in NO_LOOK:
                self.problems.append(f"{step['id']}: no look")
            return
        self.seen += 1
        status, shown = see(step["look"])
        print(f"{step['id']}: {step['look']}\n{shown}")
        if status == 127 and step["id"] in MAY_LOOK_THE_SAME:
            return
        if status != 0 or not shown.strip():
            self.problems.append(f"{step['id']}: {step['look']}: status {status}, {shown!r}")
        elif (status, shown) == self.before and step["id"] not in MAY_LOOK_THE_SAME:
            self.problems.append(f"{step['id']}: {step['look']}: the same before and after: {shown}")


def main():
    known, trace, *command = sys.argv[1:]
    looks = Looks(steps_of(known))
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    told = b""  # since the last stop
    while True:
        try:
            told += os.read(terminal, 65536)
        except OSError:  # EIO: the last that had the terminal open is gone
            break
        if told.endswith(PROMPT):
            # What is loaded comes first, and each record of it is stopped at, too.
            if re.search(rb"step \d+/\d+  ", told):
                looks.stop(steps_of(trace))
                told = b""
            os.write(terminal, ENTER)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    steps = steps_of(trace)
    for step in steps:
        if not step["look"] and step["id"] not in NO_LOOK:
            looks.problems.append(f"{step['id']}: no look")
    if status != 0:
        looks.problems.append(f"minirun: status {status}: {told.decode(errors='replace')}")
    if looks.seen < len(steps) - len(NO_LOOK):
        looks.problems.append(f"{looks.seen} looks at {len(steps)} steps")
    if looks.problems:
        sys.exit("\n".join(looks.problems))
    print(f"{looks.seen} looks")


main()
