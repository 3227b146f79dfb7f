#!/usr/bin/env python3
"""Does minirun do what its plan says? Compares the calls in a trace with what strace saw.

usage: truth.py [--other-run | --load] TRACE STRACE

TRACE   of minirun --trace: each step's "calls"
STRACE  of strace -ff -s 4096 -o STRACE: a file for each process, STRACE.PID

Every declared call was made, by the right process, in the declared order, with these arguments;
and every call that changes the world was declared. In a declared call, <...> stands for what is
known only when it is made; a comment at its end says that it is not always made, or is made by a
process in the background, or by the child of an init. --other-run: the trace is of another run with the same options, so that
the container's id and the names of volumes are others.

--load: what a load tells is compared, and not the steps of a run. Each call was made, by one of
the threads of the runner, and in the declared order. Those that are made "for each" file or
whiteout are made so, if they are made at all.
What moves into the store was declared. (What the store keeps for itself, such as its locks, is
no part of the story.)
"""

import glob
import json
import re
import sys

# What leaves the process, or what it is to the kernel, other than it was.
CHANGES = set("""
    mount fsopen fsconfig fsmount move_mount open_tree mount_setattr umount2 pivot_root chroot
    unshare setns sethostname setdomainname setsid setpgid keyctl add_key prctl capset setresuid
    setresgid setuid setgid setreuid setregid setfsuid setfsgid setgroups setrlimit prlimit64 seccomp
    clone clone3 fork vfork execve execveat chdir fchdir mknod mknodat symlink symlinkat link linkat
    rename renameat renameat2 syncfs socket socketpair ioctl dup2 dup3 close_range personality
    """.split())
# Of the child only: on the host the runner's own reading and locking is no step of the container's.
CHILD_CHANGES = CHANGES | {"rt_sigaction", "rt_sigprocmask", "umask"}
HOST_CHANGES = CHANGES | {"mkdir", "mkdirat", "openat", "fchown", "fchmod"}
# What a volume is filled with, file by file: the plan doesn't read the image.
COPIES = {"mkdirat", "linkat", "symlinkat", "mknodat", "renameat2"}
READS = re.compile(
    r"open_tree\((?!.*OPEN_TREE_CLONE)|openat\((?!.*O_CREAT)|ioctl\(\d+, (TCGETS|TIOCG(WINSZ|PGRP)),|prctl\(PR_(CAPBSET_READ|GET_)|prlimit64\([^,]*, [^,]*, NULL|"
    # a moment without a umask, in which mount points are made
    r"umask\(0(00|22)\)")


# What else <...> can stand for.
UNKNOWN = {"<bytes>": r'".*"(\.\.\.)?', "<directory>": '("[^"]*"|[0-9]+)', "<name>": '"[^"]*"', "<file>": '("[^"]*"|[0-9]+)',
           "<staging/image>": '"staging/[0-9a-f]+"', "<layer>": '("[^"]*"|[0-9]+)', "<new names>": '"[^"]*"'}


def fail(*lines):
    sys.exit("\n".join(lines))


class Declared:
    """A call as the plan has it."""

    def __init__(self, step, text, other_run):
        self.step, self.text = step, text
        self.optional = bool(re.search(r" /\* (by its child, )?if [^*]*\*/$", text))
        self.by_program = "/* by its child" in text
        self.background = text.endswith(" /* in the background */")
        self.repeated = bool(re.search(r" /\* for each [^*]*\*/$", text))
        text = re.sub(r" /\* (if [^*]*|for each [^*]*|by its child[^*]*|in the background) \*/$", "", text)
        self.name = text.partition("(")[0]
        pattern = ""
        # <what isn't known>, a string that is cut, a struct that isn't shown
        for unknown, plain in re.findall(r"(<[^<>]*>)|(.)", self.marked(text)):
            pattern += UNKNOWN.get(unknown, '[^,"]+') if unknown else re.escape(plain)
        pattern = pattern.replace("CUT", '.*"').replace(re.escape("{") + "STRUCT", r"\{.*\}")
        if other_run:
            pattern = re.sub(r"\b([0-9a-f]{64}|[0-9a-f]{12})\b",
                             lambda name: "[0-9a-f]{%d}" % len(name[0]), pattern)
        self.pattern = re.compile(pattern)

    @staticmethod
    def marked(text):
        return text.replace('"...', "CUT").replace("{...}", "{STRUCT")

    def is_made_by(self, call):
        return self.name == call.name and self.pattern.fullmatch(call.text)


class Call:
    """A call as strace saw it."""

    def __init__(self, line, text, result):
        self.line = line
        self.name = text.partition("(")[0]
        self.failed = result.startswith("-1 ")
        text = re.sub(r"0x[0-9a-f]+ (/\* \d+ vars? \*/)", r"\1", text)  # the environment
        text = re.sub(r"\bSNDCTL_\w+ or (TC\w+)", r"\1", text)  # one number, two meanings
        text = re.sub(r" /\* (?!\d+ vars? )[^*]*\*/", "", text)  # strace's own comments
        self.text = re.sub(r" => \{pidfd=\[\d+\]\}", "", text)

    def changes(self, names):
        return self.name in names and not self.failed and not READS.match(self.text)


def read_strace(path):
    calls = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            call = re.match(r"(\w+\(.*\))\s+= (.*)$", line)
            if call:
                calls.append(Call(line.rstrip(), call[1], call[2]))
    return calls


def is_second_try(call, before):
    """A limit that may not be had is followed by what may (limits.h): the plan can't know it."""
    resource = re.match(r"prlimit64\(0, (\w+), \{", call.text)
    return resource and any(
        earlier.failed and earlier.text.startswith(f"prlimit64(0, {resource[1]}, {{")
        for earlier in before[-2:])


def compare(whose, declared, calls, changes):
    """All ways to find the declared calls in the made ones are followed at once."""

    def past_optional(places):
        places = set(places)
        for place in sorted(places):
            while place < len(declared) and declared[place].optional:
                place += 1
                places.add(place)
        return places

    places = past_optional({0})  # how many of the declared calls may have been found by now
    for number, call in enumerate(calls):
        found = {place + 1 for place in places
                 if place < len(declared) and declared[place].is_made_by(call)}
        if not call.changes(changes) or is_second_try(call, calls[:number]):
            found |= places
        if call.name in COPIES:
            found |= {place for place in places
                      if place > 0 and declared[place - 1].step.startswith("fill-volume-")}
        if not found:
            at = max(places)
            expected = declared[at] if at < len(declared) else None
            fail(f"{whose}: a call that no step declares, or not here: {call.line}",
                 f"declared here: {expected.step}: {expected.text}" if expected
                 else "declared here: nothing more")
        places = past_optional(found)
    if len(declared) not in places:
        missing = declared[max(places)]
        fail(f"{whose}: declared by step {missing.step}, and never made: {missing.text}")


def compare_load(records, first_step, processes):
    """The records of a load against what the runner's threads did before its first step."""
    declared = [Declared(record["id"], text, False) for record in records for text in record["calls"]]
    begins = Declared("dir", first_step, False)
    runner, end = next((calls, number) for calls in processes.values()
                       for number, call in enumerate(calls) if begins.is_made_by(call))
    del runner[end:]
    threads = [processes[int(call.line.rpartition("= ")[2])] for call in runner
               if call.name == "clone3" and "CLONE_THREAD" in call.text]
    made = [call for calls in [runner, *threads] for call in calls if not call.failed]
    for call in declared:
        same = [other for other in made if other.name == call.name]
        # An image may have no whiteout.
        if call.repeated and same and not any(call.is_made_by(other) for other in same):
            fail(f"told by {call.step}, and never made so: {call.text}")
    in_order = [call for call in declared if not call.repeated]
    found = 0
    for call in runner:
        is_next = found < len(in_order) and bool(in_order[found].is_made_by(call))
        found += is_next
        if not is_next and not call.failed and re.search(r'^renameat.*"(overlay2/[0-9a-f]{64}|images/[^"]*|tags)"\)', call.text):
            fail(f"a move into the store that nothing tells, or not here: {call.line}")
    if found < len(in_order):
        fail(f"told by {in_order[found].step}, and never made, or not in this order: {in_order[found].text}")
    print(f"{len(records)} records, {len(declared)} calls")


def main():
    arguments = [word for word in sys.argv[1:] if not word.startswith("--")]
    other_run = "--other-run" in sys.argv
    trace, strace = arguments
    with open(trace, encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    steps = [line for line in told if line["kind"] == "step"]
    declared = {"host": [], "child": [], "background": [], "program": []}
    for step in steps:
        for text in step["calls"]:
            call = Declared(step["id"], text, other_run)
            side = "background" if call.background else "program" if call.by_program else step["side"]
            declared[side].append(call)

    processes = {int(path.rpartition(".")[2]): read_strace(path)
                 for path in glob.glob(strace + ".*")}
    if "--load" in sys.argv:
        compare_load([line for line in told if line["kind"] == "load"], steps[0]["calls"][0], processes)
        return
    clones = [(pid, int(call.line.rpartition("= ")[2])) for pid, calls in processes.items()
              for call in calls if call.name == "clone3" and "CLONE_NEWPID" in call.text]
    if len(clones) != 1:
        fail(f"the container's first process is not to be found: {clones}")
    host, child = clones[0]
    # The runner reads and loads before its first step.
    first = next((number for number, call in enumerate(processes[host])
                  if declared["host"][0].is_made_by(call)), None)
    if first is None:
        fail(f"the first step never came: {declared['host'][0].text}")
    # The child ends, for us, where it becomes the program. With --init it does not: its own child does.
    program = child
    if declared["program"]:
        # By what it executes, since clone(2) gave its number in the container.
        program = next((pid for pid, calls in processes.items() if pid not in (host, child)
                        and any(declared["program"][-1].is_made_by(call) for call in calls)), child)
    last = next((number for number, call in enumerate(processes[program])
                 if call.name == "execve" and not call.failed), None)
    if last is None:
        fail("the program never began")
    background = []
    for call in processes[host]:
        if call.name == "clone":
            background.append(int(call.line.rpartition("= ")[2]))
    for pid in background:  # grows: what they start belongs to it
        background += [int(call.line.rpartition("= ")[2])
                       for call in processes[pid] if call.name == "clone"]

    compare("host", declared["host"], processes[host][first:], HOST_CHANGES)
    if program == child:
        compare("child", declared["child"], processes[child][:last + 1], CHILD_CHANGES)
    else:
        compare("child", declared["child"], processes[child], CHILD_CHANGES)
        compare("program", declared["program"], processes[program][:last + 1], CHILD_CHANGES)
    compare("background", declared["background"],
            [call for pid in background for call in processes[pid]], CHANGES)
    print(f"{len(steps)} steps,", ", ".join(
        f"{len(calls)} calls of {whose}" for whose, calls in declared.items()))


main()
