"""All connections: the listening socket, a thread for each client, an orderly stop."""

import itertools
import logging
import selectors
import socket
import threading
import time
from typing import Final

from apps.embedded.clickhouse_server import packets
from apps.embedded.clickhouse_server.connection import Connection, Credentials
from apps.embedded.clickhouse_server.engine import Engine
from apps.embedded.clickhouse_server.watch import Watch

log = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 512  # threads; the product's processes hold a few each
STOP_SECONDS: Final = 5.0  # for running queries to end by themselves

_TOO_MANY_CONNECTIONS: Final = 202


class Listener:
    """Serves clients on 127.0.0.1 until `stop` is called, from a signal handler or another thread."""

    def __init__(self, engine: Engine, credentials: Credentials, *, port: int) -> None:
        self._engine = engine
        self._credentials = credentials
        self._watch = Watch(engine)
        self._connections: dict[threading.Thread, Connection] = {}
        self._numbers = itertools.count(1)
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self._wake_reader, self._wake_writer = socket.socketpair()

    @property
    def port(self) -> int:
        """The port that is listened on, also when 0 was asked for."""
        address: tuple[str, int] = self._socket.getsockname()
        return address[1]

    def serve(self) -> None:
        """Accept clients until stopped; then let queries end, and return when every connection is closed."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._wake_reader in ready:
                    break
                self._accept()
        self._socket.close()
        self._close_connections()
        self._watch.stop()

    def stop(self) -> None:
        """Begin an orderly stop."""
        self._wake_writer.send(b"\x00")

    def _accept(self) -> None:
        try:
            client, _ = self._socket.accept()
        except OSError as error:  # the client is gone already, or no file descriptor is left
            log.warning("A connection could not be accepted: %s", error)
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections = {thread: one for thread, one in self._connections.items() if thread.is_alive()}
        if len(self._connections) >= MAX_CONNECTIONS:
            log.warning("A connection was refused: %d are open.", MAX_CONNECTIONS)
            with client:
                client.settimeout(1)
                try:
                    client.sendall(packets.exception(_TOO_MANY_CONNECTIONS, f"{MAX_CONNECTIONS} connections are open."))
                except OSError as error:
                    log.debug("A refused client could not be told: %s", error)
            return
        name = f"connection-{next(self._numbers)}"
        connection = Connection(client, name, engine=self._engine, watch=self._watch, credentials=self._credentials)
        thread = threading.Thread(target=connection.serve, name=name, daemon=True)
        self._connections[thread] = connection
        thread.start()

    def _close_connections(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for connection in self._connections.values():
            if not connection.busy:
                connection.end_when_idle()
        for thread, connection in self._connections.items():
            if connection.busy:
                thread.join(max(0.0, deadline - time.monotonic()))
                connection.end_when_idle()  # the watch now sees its client as gone and cancels what still runs
        for thread in self._connections:
            thread.join(STOP_SECONDS)
