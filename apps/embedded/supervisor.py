"""Child processes that are started, watched, restarted and stopped, and that never outlive their supervisor.

Each child is run by a warden of its own (see `warden`), which stops it when this process goes away, even by SIGKILL.
"""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from apps.embedded import leftovers
from apps.embedded.account import Account

log = logging.getLogger(__name__)

_WARDEN: Final = Path(__file__).with_name("warden.py")
_POLL_SECONDS: Final = 0.02  # between two looks at readiness
_LOG_LINES_SHOWN: Final = 15
_LOG_BYTES_KEPT: Final = 10 << 20  # a longer log is set aside as .1 at the next start


class StartFailedError(Exception):
    """A child did not start, or died before it was ready; the text shows what it said last and where to read on."""


@dataclass(frozen=True)
class Restart:
    """Start a child anew when it dies unexpectedly, after a pause that doubles up to `longest_seconds`.

    A child that lived for `healthy_seconds` starts with the first pause again.
    """

    first_seconds: float = 0.2
    longest_seconds: float = 15.0
    healthy_seconds: float = 30.0


@dataclass(frozen=True)
class Command:
    """What to run and how.

    `environment` is all that the command gets (see `inherited_environment`). `ready` tells whether it serves; without
    it, a child counts as ready once it runs. `lock` is a file that lives as long as the data it guards: two children
    with the same one never run at once.
    """

    name: str
    arguments: Sequence[str]
    log: Path
    lock: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path("/")
    before: Callable[[], None] | None = None  # called at each start, when nothing of an earlier run is left
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60.0
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 10.0
    account: Account | None = None
    restart: Restart | None = None


class Child:
    """One supervised command. Its methods may be called from any thread."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.restarts = 0
        self._changed = threading.Condition()
        self._starting = threading.RLock()  # held while a run begins, so that a stop does not slip between
        self._is_starting = False
        self._control: socket.socket | None = None
        self._warden: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self._exit_code: int | None = None
        self._wanted = False
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The process id of the command itself, while it runs."""
        return self._pid

    @property
    def exit_code(self) -> int | None:
        """How the last run ended: its exit code, -n for signal n, None while it runs or before it ever ran."""
        return self._exit_code

    @property
    def running(self) -> bool:
        """Whether the command or anything that it left behind still runs."""
        return self._warden is not None

    def ready(self) -> bool:
        """Whether it runs and serves."""
        return self._pid is not None and (self.command.ready is None or self.command.ready())

    def start(self) -> None:
        """Start it and wait until it is ready; does nothing when it runs.

        Raises StartFailedError.
        """
        with self._starting:
            self._wanted = self._is_starting = True
            try:
                if not self.running:
                    self._spawn()
                self._wait_until_ready()
            finally:
                self._is_starting = False

    def stop(self) -> None:
        """Stop it in order: its stop signal, then SIGKILL after its grace. Returns when all of it is gone."""
        self._wanted = False
        with self._starting:
            self.signal(self.command.stop_signal)
            if not self._wait_until_gone(self.command.grace_seconds):
                log.warning("%s did not stop within %.0f s and is killed.", self.name, self.command.grace_seconds)
                self.signal(signal.SIGKILL)
                self._wait_until_gone(None)

    def kill(self) -> None:
        """SIGKILL, as a crash would do it; returns when all of it is gone. It is not restarted; `start` does that."""
        self._wanted = False
        with self._starting:
            self.signal(signal.SIGKILL)
            self._wait_until_gone(None)

    def signal(self, number: int) -> None:
        """Send a signal to the command; does nothing when it is gone."""
        with self._changed:
            control = self._control
        if control is not None:
            try:
                control.sendall(f"signal {number}\n".encode())
            except OSError as error:
                log.debug("%s is gone already: %s", self.name, error)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.command.name

    def last_words(self) -> str:
        """The last lines that it logged since its start."""
        try:
            with self.command.log.open("rb") as file:
                file.seek(self._log_start)
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return "(it wrote no log)"
        return "\n".join(f"    {line}" for line in lines[-_LOG_LINES_SHOWN:]) or "    (it logged nothing)"

    def _spawn(self) -> None:
        command = self.command
        leftovers.clear(command.lock, name=command.name, patience_seconds=command.grace_seconds)
        if command.before:
            command.before()
        self._open_log()
        ours, theirs = socket.socketpair()
        with theirs:
            warden = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_WARDEN)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal reaches the supervisor alone, which then stops in order
                cwd="/",
            )
        with self._changed:
            self._control, self._warden, self._exit_code = ours, warden, None
        order = {
            "command": list(command.arguments),
            "environment": dict(command.environment),
            "folder": str(command.folder),
            "log": str(command.log),
            "lock": str(command.lock),
            "user": command.account.user if command.account else None,
            "group": command.account.group if command.account else None,
            "stop_signal": int(command.stop_signal),
            "grace_seconds": command.grace_seconds,
        }
        ours.sendall(json.dumps(order).encode() + b"\n")
        listener = threading.Thread(target=self._listen, args=(ours, warden), name=f"{self.name} listener", daemon=True)
        listener.start()

    def _open_log(self) -> None:
        path = self.command.log
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LOG_BYTES_KEPT:
            path.replace(path.with_name(path.name + ".1"))
        self._log_start = path.stat().st_size if path.exists() else 0

    def _listen(self, control: socket.socket, warden: subprocess.Popen[bytes]) -> None:
        """Follow one run to its end, and begin the next one if that is wished."""
        began = time.monotonic()
        exit_code: int | None = None
        for fact in _facts(control):
            exit_code = fact.get("exit", exit_code)
            if "failed" in fact:
                log.error("%s cannot be started: %s.", self.name, fact["failed"])
            with self._changed:
                self._pid = fact.get("pid", self._pid)
                self._changed.notify_all()
        warden.wait()
        control.close()
        with self._changed:
            self._pid = self._control = self._warden = None
            self._exit_code = exit_code
            self._changed.notify_all()
        if self._wanted:
            log.warning("%s ended unexpectedly with %s. Its log: %s", self.name, exit_code, self.command.log)
            if self.command.restart and not self._is_starting:
                self._start_again(self.command.restart, lived_seconds=time.monotonic() - began)

    def _start_again(self, restart: Restart, *, lived_seconds: float) -> None:
        self.restarts = 1 if lived_seconds >= restart.healthy_seconds else self.restarts + 1
        pause = min(restart.longest_seconds, restart.first_seconds * 2 ** min(self.restarts - 1, 16))
        deadline = time.monotonic() + pause
        with self._changed:
            while self._wanted and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(min(left, 0.5))
        with self._starting:
            if self._wanted and not self.running:
                try:
                    self._spawn()
                except (OSError, leftovers.StillRunningError):
                    log.exception("%s cannot be started again.", self.name)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.command.ready_seconds
        while not self.ready():
            if not self.running or not self._wanted:
                self._wanted = False
                raise StartFailedError(self._failure(f"ended with {self._exit_code} before it was ready"))
            if time.monotonic() >= deadline:
                failure = self._failure(f"was not ready within {self.command.ready_seconds:.0f} s")
                self.kill()
                raise StartFailedError(failure)
            with self._changed:
                self._changed.wait(_POLL_SECONDS)

    def _failure(self, what: str) -> str:
        return f"{self.name} {what}. It said last:\n{self.last_words()}\n  The whole log: {self.command.log}"

    def _wait_until_gone(self, seconds: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._warden is None, timeout=seconds)


def _facts(control: socket.socket) -> Iterator[dict[str, Any]]:
    """What a warden says, until it is gone."""
    # A warden that ends with a signal unread, sent just then, ends with a reset: after all that it had to say.
    with control.makefile("rb") as lines, contextlib.suppress(ConnectionResetError):
        for line in lines:
            yield json.loads(line)


class Supervisor:
    """Children in the order of their start; they stop in the reverse order."""

    def __init__(self, progress: Callable[[str], None] = log.info) -> None:
        self._progress = progress
        self.children: list[Child] = []

    def start(self, command: Command) -> Child:
        """Start one more child and wait until it is ready.

        Raises StartFailedError; the children before it go on.
        """
        self._progress(f"Starting {command.name} …")
        child = Child(command)
        self.children.append(child)
        child.start()
        return child

    def stop(self) -> None:
        """Stop all children, the last one first."""
        while self.children:
            child = self.children.pop()
            if child.running:
                self._progress(f"Stopping {child.name} …")
            child.stop()

    @contextlib.contextmanager
    def running(self) -> Iterator["Supervisor"]:
        """Stop all children at the end of the block, whatever ended it."""
        try:
            yield self
        finally:
            self.stop()


def inherited_environment(**more: str) -> dict[str, str]:
    """This process's environment with some values more, for commands that are part of the product."""
    return {**os.environ, **more}
