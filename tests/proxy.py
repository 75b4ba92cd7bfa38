"""A TCP proxy before ClickHouse, for tests that disturb what passes."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

from pytest_django import Settings

from apps.clickhouse import client


class Passage:
    """What becomes of the bytes of one connection: all of them pass."""

    def to_server(self, chunk: bytes) -> bool:
        """Whether `chunk` is passed on. Else the connection is cut, on both sides."""
        return True

    def to_client(self, chunk: bytes) -> bool:
        """The same of what the server says."""
        return True


class Proxy:
    """Passes bytes between clients and the server at `port`, each connection through a `passage` of its own."""

    def __init__(self, port: int, passage: Callable[[], Passage]) -> None:
        self._server_port = port
        self._passage = passage
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        passage = self._passage()
        with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
            answers = threading.Thread(target=_pass, args=(server, client, passage.to_client), daemon=True)
            answers.start()
            _pass(client, server, passage.to_server)
            answers.join()


@contextlib.contextmanager
def through(passage: Callable[[], Passage], settings: Settings) -> Iterator[Proxy]:
    """ClickHouse is reached through a proxy."""
    direct = settings.CLICKHOUSE_URL
    proxy = Proxy(urlsplit(direct).port or 9000, passage)
    settings.CLICKHOUSE_URL = at_port(direct, proxy.port)
    try:
        yield proxy
    finally:
        for pool in (client.pool(), client.pool(seconds=client.INSERT_SECONDS)):
            pool.close()
        settings.CLICKHOUSE_URL = direct
        proxy.close()


def at_port(url: str, port: int) -> str:
    """The address `url` with another port of this machine."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}"))


def _pass(source: socket.socket, target: socket.socket, passes: Callable[[bytes], bool]) -> None:
    """Bytes of one direction until it ends; then the other ends too."""
    with contextlib.suppress(OSError):
        while (chunk := source.recv(65536)) and passes(chunk):
            target.sendall(chunk)
    for connection in (source, target):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
