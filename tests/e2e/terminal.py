#!/usr/bin/env python3
"""What a person sees who types at a terminal: each scene starts a shell (or minirun) on a terminal of its own, types, and
waits for what has to appear.

usage: terminal.py SCENE MINIRUN

The image busybox-static:1 is in the store. A scene that waits in vain says what it saw.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

MINIRUN = sys.argv[2]
IMAGE = "busybox-static:1"


class Terminal:
    """A terminal and the program on it."""

    def __init__(self, *command, size=(24, 80)):
        self.told = b""
        self.master, slave = pty.openpty()
        self.slave = slave  # kept open, to look at its modes
        self.resize(*size)
        self.modes = termios.tcgetattr(slave)
        environment = dict(os.environ, PS1="$ ", TERM="vt100")
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, stdin=slave, stdout=slave, stderr=slave, env=environment,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def line(self, text):
        self.type(text + "\r")

    def until(self, text, seconds=15):
        """Reads until the terminal has told it; what comes after it is not read yet."""
        wanted = text.encode()
        end = time.monotonic() + seconds
        while wanted not in self.told:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                sys.exit(f"waited for {text!r}, and saw {self.told!r}")
            self.told += os.read(self.master, 65536)
        before, _, self.told = self.told.partition(wanted)
        return before.decode(errors="replace")

    def ends(self, status):
        """Its program ends so, and the terminal is as it was."""
        try:
            seen = self.process.wait(15)
        except subprocess.TimeoutExpired:
            sys.exit(f"it does not end; seen since: {self.told!r}")
        check(seen == status, f"status {seen} instead of {status}")
        self.is_restored()

    def is_restored(self):
        now = termios.tcgetattr(self.slave)
        check(now == self.modes, f"the terminal was {self.modes} and is {now}")

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON


def check(condition, complaint):
    if not condition:
        sys.exit(complaint)


def eventually(condition, complaint):
    end = time.monotonic() + 15
    while not condition():
        check(time.monotonic() < end, complaint)
        time.sleep(0.02)


def container(*command, options=("-it",)):
    return Terminal(MINIRUN, *options, IMAGE, *command)


def shell():
    """An interactive shell in a container; it has prompted."""
    terminal = container("sh")
    terminal.until("/ # ")
    return terminal


def bash():
    """A shell of the caller's, with job control."""
    terminal = Terminal("bash", "--norc", "--noediting")
    terminal.until("$ ")
    return terminal


def scene_shell():
    """Line editing, job control, Ctrl-C, and no echo twice."""
    terminal = shell()
    terminal.line("tty; echo $TERM; ls -l /dev/console | cut -c1")
    terminal.until("/dev/pts/0\r\nvt100\r\nc\r\n/ # ")
    terminal.type("echo mistyq\x7fpe")  # a backspace: the line is edited inside
    terminal.line("d")
    terminal.until("\r\nmistyped\r\n/ # ")
    terminal.line("sleep 61")
    terminal.until("sleep 61\r\n")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.until("/ # ")
    terminal.line("echo status $?")
    terminal.until("status 130\r\n/ # ")
    terminal.line("sleep 62")
    time.sleep(0.2)
    terminal.type("\x1a")
    terminal.until("Stopped")
    terminal.line("bg; jobs; kill %1; wait; echo over")
    terminal.until("Running")
    terminal.until("\r\nover\r\n")
    terminal.until("/ # ")
    terminal.line("echo no echo twice")
    check(terminal.until("\r\nno echo twice\r\n/ # ").count("no echo twice") == 1, "the echo came twice")
    terminal.line("exit 7")
    terminal.ends(7)


def scene_bytes():
    """UTF-8 and escape sequences come through unharmed; a paste of 200 lines too."""
    terminal = shell()
    terminal.line("stty -echo; printf 'ready%s' :")
    terminal.until("ready:")
    terminal.line("printf '\\033[31mrot \u00e4\u20ac\U0001f600\\033[0m\\t.\\n'")
    terminal.until("\x1b[31mrot \u00e4\u20ac\U0001f600\x1b[0m\t.\r\n")
    terminal.line("stty echo; read x; echo \"<$x>\"; stty -echo")
    time.sleep(0.3)
    terminal.line("a\u00fc\x7fb")  # in the kernel's own line editing, Backspace takes the whole \u00fc
    terminal.until("<ab>\r\n")
    terminal.line("cat > /tmp/paste")
    for number in range(200):
        terminal.line(f"line {number:03} \u00fc abcdefghijklmnopqrstuvwxyz")
    terminal.type("\x04")
    terminal.line("wc -l < /tmp/paste; tail -n 1 /tmp/paste; exit")
    terminal.until("200\r\nline 199 \u00fc abcdefghijklmnopqrstuvwxyz\r\n")
    terminal.ends(0)


def scene_programs():
    """vi, less and top draw their screens and take keys."""
    terminal = shell()
    terminal.line("vi /tmp/file")
    terminal.until("/tmp/file")
    terminal.type("ihello\x1b")
    time.sleep(0.5)  # an Escape and a key at once are another key
    terminal.type(":wq\r")
    terminal.until("/ # ")
    terminal.line("cat /tmp/file")
    terminal.until("\r\nhello\r\n")
    terminal.line("seq 500 | less")
    terminal.until("20\r\n")
    terminal.type(" ")
    terminal.until("40\r\n")
    terminal.type("q")
    terminal.until("/ # ")
    terminal.line("top -d 1")
    terminal.until("COMMAND")
    terminal.type("q")
    terminal.until("/ # ")
    terminal.line("exit")
    terminal.ends(0)


def scene_size():
    """The size is there from the start, and follows."""
    terminal = container("sh", "-c", "stty size; trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done")
    terminal.until("24 80\r\nready\r\n")
    terminal.resize(50, 132)
    terminal.process.send_signal(signal.SIGWINCH)
    terminal.until("50 132\r\n")
    terminal.ends(0)


def scene_interrupt():
    """Ctrl-C and Ctrl-\\ end a pid 1 that does nothing about them, and reach one that does."""
    for key, status in (("\x03", 130), ("\x1c", 131)):
        terminal = container("sleep", "63")
        eventually(terminal.is_raw, "never raw")
        terminal.type(key)
        terminal.ends(status)
    terminal = container("sh", "-c", "trap 'echo told; exit 4' INT; echo ready; while :; do sleep 0.1; done")
    terminal.until("ready")
    terminal.type("\x03")
    terminal.until("told\r\n")
    terminal.ends(4)
    # A program that reads keys itself gets the byte.
    terminal = container("sh", "-c", "stty raw; echo ready; head -c 1 | od -An -tx1")
    terminal.until("ready")
    terminal.type("\x03")
    terminal.until("03")
    terminal.ends(0)


def scene_ways_out():
    """The terminal is restored, however it ends."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        terminal = container("sleep", "64")
        eventually(terminal.is_raw, "never raw")
        terminal.process.send_signal(number)
        terminal.ends(128 + number)
    for status, command in ((126, ["/etc/passwd"]), (127, ["no-such-program"]), (137, ["sh", "-c", "kill -9 $$; sleep 9"])):
        terminal = container(*command)
        if status == 137:  # pid 1 can't kill itself
            eventually(terminal.is_raw, "never raw")
            children = f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children"
            with open(children, encoding="ascii") as list_of:
                os.kill(int(list_of.read().split()[0]), signal.SIGKILL)
        terminal.ends(status)
    for step in ("terminal-socket", "terminal", "console", "use-terminal", "exec", "take-terminal", "wait"):
        terminal = container("true", options=("-it", "--break-after", step))
        terminal.ends(125)


def scene_stopped():
    """Where minirun is stopped, the shell has its terminal back; after fg the program has it."""
    terminal = bash()
    terminal.line(f"{MINIRUN} -it {IMAGE} sh")
    terminal.until("/ # ")
    check(terminal.is_raw(), "not raw")
    with open(f"/proc/{terminal.process.pid}/task/{terminal.process.pid}/children", encoding="ascii") as list_of:
        runner = int(list_of.read().split()[0])
    os.kill(runner, signal.SIGSTOP)
    terminal.until("Stopped")
    terminal.line("echo shell $((1 + 1))")
    terminal.until("shell 2\r\n")
    terminal.line("fg")
    eventually(terminal.is_raw, "not raw after fg")
    terminal.line("")
    terminal.until("/ # ")
    terminal.line("exit 3")
    terminal.until("$ ")
    terminal.line("echo status $?")
    terminal.until("status 3\r\n")


def scene_background_terminal():
    """-it with & is stopped, as any program that wants the terminal; fg brings it."""
    terminal = bash()
    terminal.line(f"{MINIRUN} -it {IMAGE} sh &")
    for number in range(3):
        time.sleep(0.1)
        terminal.line(f"echo typed $(({number} + 100))")
        terminal.until(f"typed {100 + number}\r\n")
    terminal.line("fg")
    terminal.until("/ # ")
    terminal.line("echo inside; exit")
    terminal.until("\r\ninside\r\n")
    terminal.until("$ ")


def scene_ctrl_z():
    """Without -t, Ctrl-Z stops the program, and fg lets it go on."""
    terminal = bash()
    terminal.line(f"{MINIRUN} {IMAGE} sh -c 'while :; do date +%s%N; sleep 0.1; done'")
    terminal.until("\r\n1")
    terminal.type("\x1a")
    terminal.until("Stopped")
    time.sleep(0.3)
    terminal.told = b""
    check(not select.select([terminal.master], [], [], 0.5)[0] or b"\r\n1" not in os.read(terminal.master, 9999), "it goes on")
    terminal.line("fg")
    terminal.until("\r\n1")
    terminal.type("\x03")
    terminal.until("$ ")
    terminal.line("echo status $?")
    terminal.until("status 130\r\n")


def scene_background():
    """`minirun -i IMAGE cat &`: what is typed next is the shell's, and after `fg` it is cat's."""
    terminal = bash()
    terminal.line(f"{MINIRUN} -i {IMAGE} sh -c 'echo runs; exec cat' &")
    terminal.until("runs\r\n")
    for number in range(5):
        terminal.line(f"echo typed $(({number} + 100))")
        terminal.until(f"typed {100 + number}\r\n")
    terminal.line("fg")
    time.sleep(0.3)
    terminal.line("hello")
    terminal.until("hello\r\n")  # the terminal's echo
    terminal.until("hello\r\n")  # and cat
    terminal.type("\x04")
    terminal.line("echo status $?")
    terminal.until("status 0\r\n")


def scene_init():
    """With --init Ctrl-C comes once to the program, and a shell controls its jobs."""
    terminal = container("sh", "-c", "trap 'echo told' INT; echo ready; read x; exit 4", options=("-it", "--init"))
    terminal.until("ready")
    terminal.type("\x03")
    terminal.until("told\r\n")
    time.sleep(0.3)
    terminal.line("")
    terminal.ends(4)
    check(b"told" not in terminal.told, "told twice")
    terminal = container("sh", options=("-it", "--init"))
    terminal.until("/ # ")
    terminal.line("sleep 64")
    time.sleep(0.2)
    terminal.type("\x1a")
    terminal.until("Stopped")
    terminal.line("fg")
    terminal.until("sleep 64\r\n")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.until("/ # ")
    terminal.line("exit 5")
    terminal.ends(5)
    terminal = container("sleep", "65", options=("-it", "--init"))
    eventually(terminal.is_raw, "never raw")
    time.sleep(0.2)
    terminal.type("\x03")
    terminal.ends(130)


def scene_hangup():
    """The window is closed: the program is told, ends, and nothing is left."""
    terminal = shell()
    terminal.process.send_signal(0)
    os.close(terminal.slave)
    os.close(terminal.master)
    try:
        terminal.process.wait(15)
    except subprocess.TimeoutExpired:
        sys.exit("it does not end")


globals()["scene_" + sys.argv[1]]()
