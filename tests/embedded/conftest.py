"""Real engines in folders of their own; nothing here needs Django."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver import Client

from apps.embedded import ports
from apps.embedded.clickhouse import USER, ClickHouse
from apps.embedded.supervisor import Child, Supervisor

PASSWORD = "a password with \"quotes\" and 'more'"
DATABASE = "irk"


class Server:
    """A ClickHouse server process and clients for it."""

    def __init__(self, folder: Path, supervisor: Supervisor) -> None:
        self.engine = ClickHouse(
            folder / "clickhouse", folder / "clickhouse.log", ports.choose(), PASSWORD, database=DATABASE, durable=False
        )
        self.port = self.engine.port
        self.child: Child = supervisor.start(self.engine.command())
        self._clients: list[Client] = []

    def client(self, *, compression: bool = False, **options: str | bool) -> Client:
        """A clickhouse-driver client; it is disconnected when the test ends."""
        arguments = {"user": USER, "password": PASSWORD, "database": DATABASE, **options}
        client = Client("127.0.0.1", self.port, compression="lz4" if compression else False, **arguments)
        self._clients.append(client)
        return client

    def disconnect_clients(self) -> None:
        while self._clients:
            self._clients.pop().disconnect()


@pytest.fixture(scope="package")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Supervisor().running() as supervisor:
        yield Server(tmp_path_factory.mktemp("shared"), supervisor)


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    """A server that tests may fill, but not kill."""
    yield shared_server
    shared_server.disconnect_clients()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server for one test, which may kill it."""
    with Supervisor().running() as supervisor:
        server = Server(tmp_path, supervisor)
        yield server
        server.disconnect_clients()


@pytest.fixture(params=[False, True], ids=["plain", "lz4"])
def client(server: Server, request: pytest.FixtureRequest) -> Client:
    """A client without and with compression."""
    return server.client(compression=request.param)
