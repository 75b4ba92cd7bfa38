"""Runs one command and outlives it: the parent of every engine and process that the supervisor starts.

Started as a script by `supervisor`, with one end of a socket pair as its standard input; it imports the
standard library alone, so that it costs little. It reads one line of JSON (see `Order`), starts the command, and then

* passes on what the command does: `{"pid": n}`, `{"failed": "why"}`, `{"exit": status}`, each a line;
* sends the signals it is told to send: `signal 15`;
* when the socket closes, which is what happens when the supervisor dies, however it dies: stops the command in order;
* when the command has ended: ends whatever it left running, in its process group or, on Linux, anywhere below it.

Should the warden itself be killed, Linux kills the command with it (PR_SET_PDEATHSIG).
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path

LEFTOVER_SECONDS = 2.0  # for orphaned children of the command to end by themselves
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36
_CANNOT_EXECUTE = 126  # a shell's exit status for it


class Order:
    """What to run: the keys of the first line."""

    def __init__(self, line: str) -> None:
        order = json.loads(line)
        self.command: list[str] = order["command"]
        self.environment: dict[str, str] = order["environment"]
        self.folder: str = order["folder"]
        self.log: str = order["log"]
        self.lock: str = order["lock"]
        self.user: int | None = order["user"]
        self.group: int | None = order["group"]
        self.stop_signal: int = order["stop_signal"]
        self.grace_seconds: float = order["grace_seconds"]


def main() -> int:
    """Serve one command from its start to its end."""
    control = socket.socket(fileno=0)
    order = Order(_first_line(control))
    lock = os.open(order.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _say(control, failed="a process of an earlier start still runs")
        return 1
    _linux_call(_PR_SET_CHILD_SUBREAPER, 1)
    wake_reader, wake_writer = os.pipe()
    os.set_blocking(wake_writer, False)
    signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: None)
    pid = _spawn(order, lock)
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps([pid, started_at(pid)]).encode(), 0)
    _say(control, pid=pid)
    status = _attend(pid, order, control, wake_reader)
    _end_leftovers(pid)
    _reap(pid)  # the last of them, or they stay as zombies where no init collects them
    _say(control, exit=status)
    return 0


def _first_line(control: socket.socket) -> str:
    line = b""
    while not line.endswith(b"\n"):
        received = control.recv(65536)
        if not received:
            sys.exit(0)  # the supervisor died before it had said what to run
        line += received
    return line.decode()


def _attend(pid: int, order: Order, control: socket.socket, wake_reader: int) -> int:
    """Wait for the command's end while passing on signals; returns its exit code (-n: it ended by signal n)."""
    deadline: float | None = None
    words = b""
    while True:
        status = _reap(pid)
        if status is not None:
            return status
        if deadline is not None and time.monotonic() >= deadline:
            _signal_tree(pid, signal.SIGKILL)
            deadline += LEFTOVER_SECONDS
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        watched: list[int | socket.socket] = [wake_reader] if deadline is not None else [wake_reader, control]
        ready, _, _ = select.select(watched, [], [], timeout)
        abandoned = False
        if wake_reader in ready:
            abandoned = signal.SIGTERM in os.read(wake_reader, 512)
        if control in ready:
            received = control.recv(4096)
            abandoned = abandoned or not received
            *lines, words = (words + received).split(b"\n")
            for line in lines:
                _send(pid, int(line.removeprefix(b"signal ")))
        if abandoned and deadline is None:
            deadline = time.monotonic() + order.grace_seconds
            _send(pid, order.stop_signal)


def _spawn(order: Order, lock: int) -> int:
    """Start the command in a process group of its own; it inherits the lock, which so tells whether it lives."""
    warden = os.getpid()
    pid = os.fork()
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the child does the same; whoever comes first
            os.setpgid(pid, pid)
        return pid
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.set_inheritable(lock, True)
        if order.group is not None:
            os.setgroups([])
            os.setgid(order.group)
        if order.user is not None:
            os.setuid(order.user)
        _linux_call(_PR_SET_PDEATHSIG, signal.SIGKILL)  # after setuid, which clears it
        if os.getppid() != warden:
            os._exit(_CANNOT_EXECUTE)
        os.chdir(order.folder)
        os.execvpe(order.command[0], order.command, order.environment)  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"{order.command[0]} cannot be started: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(_CANNOT_EXECUTE)


def _reap(pid: int) -> int | None:
    """Collect every child that has ended; the command's exit code (-n: by signal n) once it has."""
    with contextlib.suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == 0:
                return None
            if ended == pid:
                return os.waitstatus_to_exitcode(status)
    return None


def _end_leftovers(pid: int) -> None:
    """End what the command left behind, kindly and then by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + LEFTOVER_SECONDS
        if _signal_tree(pid, number) == 0:
            return
        while time.monotonic() < deadline:
            _reap(pid)
            if _signal_tree(pid, 0) == 0:
                return
            time.sleep(0.02)


def _signal_tree(pid: int, number: int) -> int:
    """Send a signal (0: none) to the command's group and, on Linux, all below the warden. Returns how many had it."""
    reached = _send_group(pid, number)
    for below in _descendants():
        reached += _send(below, number)
    return reached


def _send(pid: int, number: int) -> int:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return 0
    return 1


def _send_group(group: int, number: int) -> int:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return 0
    return 1


def _descendants() -> list[int]:
    """All processes below this one, from /proc; none where there is no /proc (macOS), where the group has to do."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, queue = [], [os.getpid()]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def started_at(pid: int) -> str:
    """When a process started, in the kernel's ticks, to tell it from a later one of the same number; "" if unknown."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _linux_call(option: int, argument: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, argument, 0, 0, 0)


def _say(control: socket.socket, **fact: object) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        control.sendall(json.dumps(fact).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
