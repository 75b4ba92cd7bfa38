"""A disk that fills up under the ClickHouse server, on a small file system of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver.errors import Error

from apps.embedded.clickhouse_server import free_space
from apps.embedded.supervisor import Supervisor
from bench.faults import disks
from bench.faults.disks import Disk
from tests.embedded.conftest import Server
from tests.embedded.test_supervisor import wait_until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """What the server's data is on."""
    if not disks.allowed():
        pytest.skip("Mounting a small disk needs root.")
    disk = Disk(tmp_path / "clickhouse")
    yield disk
    disk.unmount()


@pytest.fixture
def server_on_disk(disk: Disk, tmp_path: Path) -> Iterator[Server]:
    with Supervisor().running() as supervisor:
        server = Server(tmp_path, supervisor)
        server.client().execute("CREATE TABLE numbers (n UInt64) ENGINE = MergeTree ORDER BY n")
        yield server
        server.disconnect_clients()


def test_nothing_acknowledged_is_lost_when_the_disk_fills_up_again_and_again(
    disk: Disk, server_on_disk: Server
) -> None:
    server = server_on_disk
    acknowledged: set[int] = set()
    for number in range(3):
        client = server.client()
        for n in range(number * 1000, number * 1000 + 30):
            client.execute("INSERT INTO numbers VALUES", [(n,)])
            acknowledged.add(n)
        disk.fill()
        for n in range(number * 1000 + 100, number * 1000 + 200):
            try:
                client.execute("INSERT INTO numbers VALUES", [(n,)])
            except (Error, OSError, EOFError):
                break
            acknowledged.add(n)
        # Ended by itself: it would not notice that it cannot write.
        wait_until(lambda: not server.child.running)
        disk.empty()
        server.child.start()
        stored = {n for (n,) in server.client().execute("SELECT DISTINCT n FROM numbers")}
        assert acknowledged <= stored


def test_the_server_starts_once_there_is_space(disk: Disk, server_on_disk: Server) -> None:
    child = server_on_disk.child
    disk.fill()
    wait_until(lambda: not child.running)
    child.command.log.write_text("")
    child._spawn()
    wait_until(lambda: "are needed to start" in child.command.log.read_text())
    assert not child.ready()
    disk.empty()
    wait_until(child.ready)


def test_the_engine_refuses_what_would_take_the_last_space(disk: Disk, server_on_disk: Server) -> None:
    client = server_on_disk.client()
    disk.fill(but=(free_space.KEPT_BYTES + free_space.FEWEST_BYTES) // 2)
    with pytest.raises(Error) as refused:
        client.execute("INSERT INTO numbers SELECT * FROM numbers(1_000_000)")
    # NOT_ENOUGH_SPACE
    assert refused.value.code == 243
    assert server_on_disk.child.running
    disk.empty()
    client.execute("INSERT INTO numbers SELECT * FROM numbers(1_000_000)")
    assert client.execute("SELECT count() FROM numbers") == [(1_000_000,)]
