"""What becomes of batches while ClickHouse dies, hangs and comes back."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.clickhouse import client, migrator
from apps.clickhouse.client import ClickHouseError
from tests.ingest.batches import batch, click
from tests.ingest.conftest import Send

ROOT = Path(__file__).resolve().parents[2]


class OwnClickHouse:
    """An engine of this module's own, so that killing it harms no other test."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self.port: int = reserved.getsockname()[1]
        self.url = f"clickhouse://irk:secret@127.0.0.1:{self.port}/irk"
        self._folder = folder
        (folder / "password").write_text("secret")

    def start(self) -> None:
        data, password = str(self._folder / "data"), str(self._folder / "password")
        arguments = ["--data", data, "--port", str(self.port), "--user", "irk", "--password-file", password]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "apps.embedded.clickhouse_server", *arguments],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail((self._folder / "log").read_text())
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(timeout=30)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnClickHouse]:
    engine = OwnClickHouse(tmp_path_factory.mktemp("clickhouse"))
    engine.start()
    yield engine
    engine.kill()


@pytest.fixture
def own_clickhouse(engine: OwnClickHouse, settings: Settings) -> Iterator[OwnClickHouse]:
    settings.CLICKHOUSE_URL = engine.url
    migrator.migrate()
    client.command("TRUNCATE TABLE events")
    yield engine
    client.pool().close()
    client.pool(seconds=client.INSERT_SECONDS).close()


def numbers() -> list[int]:
    return [n for (n,) in client.query("SELECT DISTINCT n FROM events ORDER BY n")]


def test_what_was_acknowledged_before_a_kill_is_there_after_it_and_the_rest_can_be_sent_again(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    for n in range(10):
        assert send(batch(click(n))).status == 200
    own_clickhouse.kill()
    for _ in range(2):
        answer = send(batch(click(10)))
        assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    own_clickhouse.start()
    assert numbers() == list(range(10))
    assert send(batch(click(10))).status == 200
    assert numbers() == list(range(11))


def test_a_server_that_hangs_is_answered_with_503_and_its_batch_can_be_sent_again(
    send: Send, own_clickhouse: OwnClickHouse
) -> None:
    assert send(batch(click(1))).status == 200
    own_clickhouse.signal(signal.SIGSTOP)
    try:
        begin = time.monotonic()
        assert send(batch(click(2))).status == 503
        # At most: asking the connection, connecting anew, and the server's greeting.
        assert time.monotonic() - begin < 10
    finally:
        own_clickhouse.signal(signal.SIGCONT)
    assert send(batch(click(2))).status == 200
    assert numbers() == [1, 2]


def test_reading_says_unavailable_while_the_server_is_away(own_clickhouse: OwnClickHouse) -> None:
    own_clickhouse.kill()
    with pytest.raises(ClickHouseError):
        client.query("SELECT 1")
    own_clickhouse.start()
    assert client.query("SELECT 1") == [(1,)]
