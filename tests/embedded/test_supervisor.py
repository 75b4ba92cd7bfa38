"""The supervisor with small real processes."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from apps.embedded.supervisor import Child, Command, Restart, StartFailedError, Supervisor

ROOT = Path(__file__).resolve().parents[2]
Make = Callable[..., Command]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor().running() as supervisor:
        yield supervisor


@pytest.fixture
def python(tmp_path: Path) -> Make:
    """A command that runs a piece of Python, and is ready when it has made its file `ready`."""

    def make(code: str, *, name: str = "child", **options: object) -> Command:
        ready = tmp_path / f"{name}.ready"
        prelude = f"import os, pathlib, signal, sys, time\nready = pathlib.Path({str(ready)!r})\n"
        options = {"ready": ready.exists, "grace_seconds": 5.0, **options}
        return Command(
            name=name,
            arguments=[sys.executable, "-c", prelude + code],
            log=tmp_path / f"{name}.log",
            lock=tmp_path / "run" / f"{name}.lock",
            folder=tmp_path,
            **options,  # type: ignore[arg-type]
        )

    return make


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


SERVE = "ready.write_text(str(os.getpid()))\ntime.sleep(600)"
FAMILY = """
for number in range(3):
    if os.fork() == 0:
        if number: os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open('family', 'a') as family: print(os.getpid(), file=family)
        time.sleep(600)
while not pathlib.Path('family').exists() or len(pathlib.Path('family').read_text().split()) < 3: time.sleep(0.01)
ready.touch()
time.sleep(600)
"""


def test_a_started_child_is_ready_and_a_stopped_one_is_gone(supervisor: Supervisor, python: Make) -> None:
    child = supervisor.start(python(SERVE))
    pid = child.pid

    assert pid is not None
    assert child.ready()
    assert is_alive(pid)
    child.stop()
    assert not child.running
    assert not is_alive(pid)
    assert child.exit_code == -signal.SIGTERM


def test_children_stop_in_the_reverse_order(python: Make, tmp_path: Path) -> None:
    note = "signal.signal(signal.SIGTERM, lambda *_: (open('order', 'a').write('{0} '), sys.exit()))\n"
    with Supervisor().running() as supervisor:
        for name in ("first", "second", "third"):
            supervisor.start(python(note.format(name) + SERVE, name=name))

    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]


def test_a_child_that_dies_before_it_is_ready_shows_its_last_words(supervisor: Supervisor, python: Make) -> None:
    command = python("print('the disk is full'); sys.exit(3)")

    with pytest.raises(StartFailedError) as failure:
        supervisor.start(command)

    assert "ended with 3" in str(failure.value)
    assert "the disk is full" in str(failure.value)
    assert str(command.log) in str(failure.value)


def test_last_words_are_those_of_this_start(supervisor: Supervisor, python: Make) -> None:
    command = python("print('new trouble'); sys.exit(3)")
    command.log.write_text("old trouble\n")

    with pytest.raises(StartFailedError) as failure:
        supervisor.start(command)

    assert "new trouble" in str(failure.value)
    assert "old trouble" not in str(failure.value)


def test_a_program_that_is_missing_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    command = Command(
        "ghost", ["/nonexistent/program"], log=tmp_path / "log", lock=tmp_path / "lock", ready=lambda: False
    )

    with pytest.raises(StartFailedError, match="/nonexistent/program cannot be started"):
        supervisor.start(command)


def test_a_child_that_is_never_ready_is_killed_and_reported(supervisor: Supervisor, python: Make) -> None:
    command = python("time.sleep(600)", ready_seconds=0.5)

    with pytest.raises(StartFailedError, match="was not ready within"):
        supervisor.start(command)

    assert not supervisor.children[0].running


def test_a_child_that_ignores_its_stop_signal_is_killed_after_its_grace(supervisor: Supervisor, python: Make) -> None:
    child = supervisor.start(python("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVE, grace_seconds=0.2))

    child.stop()

    assert child.exit_code == -signal.SIGKILL


def test_a_child_that_dies_is_started_again_when_that_is_wished(supervisor: Supervisor, python: Make) -> None:
    child = supervisor.start(python(SERVE, restart=Restart(first_seconds=0.05)))
    first = child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: child.pid not in (None, first))
    assert child.restarts == 1


def test_a_child_that_dies_again_and_again_is_started_less_and_less_often(
    supervisor: Supervisor, python: Make, tmp_path: Path
) -> None:
    code = "open('starts', 'a').write(f'{time.monotonic()}\\n'); ready.touch(); time.sleep(0.1); sys.exit(1)"
    supervisor.start(python(code, restart=Restart(first_seconds=0.1, longest_seconds=0.8)))

    starts = tmp_path / "starts"
    wait_until(lambda: len(starts.read_text().splitlines()) >= 6)

    times = [float(line) for line in starts.read_text().splitlines()]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    for pause, at_least in zip(pauses, [0.1, 0.2, 0.4, 0.8, 0.8], strict=False):
        assert pause >= at_least


@pytest.mark.parametrize("end", [Child.kill, Child.stop])
def test_a_child_that_was_ended_on_purpose_stays_down_until_it_is_started(
    supervisor: Supervisor, python: Make, end: Callable[[Child], None]
) -> None:
    child = supervisor.start(python(SERVE, restart=Restart(first_seconds=0.01)))

    end(child)

    assert not child.running
    assert child.restarts == 0
    child.start()
    assert child.ready()


@pytest.mark.skipif(sys.platform != "linux", reason="finding processes of other sessions needs /proc")
def test_children_of_a_child_go_with_it_even_from_sessions_of_their_own(
    supervisor: Supervisor, python: Make, tmp_path: Path
) -> None:
    child = supervisor.start(python(FAMILY))
    family = [int(pid) for pid in (tmp_path / "family").read_text().split()]
    assert all(is_alive(pid) for pid in family)

    child.kill()

    assert not any(is_alive(pid) for pid in family)


PARENT = """
import signal, sys, time
from pathlib import Path
from apps.embedded.supervisor import Command, Supervisor
# Whoever runs the tests in the background has these ignored, and a child inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
folder = Path(sys.argv[1])
child = Supervisor().start(Command(
    "child", [sys.executable, "-c", sys.argv[2]], log=folder / "log", lock=folder / "run" / "child.lock",
    folder=folder, ready=(folder / "ready").exists, grace_seconds=1,
))
print(child.pid, flush=True)
time.sleep(600)
"""


def start_parent(folder: Path, code: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor in a process of its own; returns it with the ids of all processes below it."""
    prelude = "import os, pathlib, signal, sys, time\nready = pathlib.Path('ready')\n"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder), prelude + code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline().strip().isdigit()
    below: list[int] = []
    queue = [parent.pid]
    while queue:
        children = Path(f"/proc/{queue[0]}/task/{queue.pop(0)}/children").read_text().split()
        below += [int(pid) for pid in children]
        queue += [int(pid) for pid in children]
    return parent, below


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_is_left_whatever_ends_the_supervisor(tmp_path: Path, number: signal.Signals) -> None:
    parent, below = start_parent(tmp_path, FAMILY)
    assert len(below) == 5  # the warden, the child, and its three

    parent.send_signal(number)
    parent.communicate()

    wait_until(lambda: not any(is_alive(pid) for pid in below))


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_child_dies_with_its_warden(supervisor: Supervisor, python: Make) -> None:
    child = supervisor.start(python(SERVE))
    pid = child.pid
    assert pid is not None
    warden = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])

    os.kill(warden, signal.SIGKILL)

    wait_until(lambda: not is_alive(pid))
    wait_until(lambda: not child.running)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_start_waits_for_what_an_earlier_one_left_running(
    supervisor: Supervisor, python: Make, tmp_path: Path
) -> None:
    parent, below = start_parent(
        tmp_path, "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nready.touch()\ntime.sleep(600)"
    )
    parent.kill()
    parent.communicate()

    child = supervisor.start(python(SERVE, name="child"))

    assert not any(is_alive(pid) for pid in below)
    assert child.ready()


def test_a_child_that_dies_while_it_is_sent_a_signal_is_known_to_be_gone(supervisor: Supervisor, python: Make) -> None:
    child = supervisor.start(python("ready.touch(); time.sleep(60)"))
    # The moment between its death and its warden's is short, and met every few times.
    for _ in range(30):
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        killing = threading.Thread(target=child.kill, daemon=True)
        killing.start()
        killing.join(timeout=20)
        assert not killing.is_alive()
        assert (child.running, child.exit_code) == (False, -signal.SIGKILL)
        child.start()
