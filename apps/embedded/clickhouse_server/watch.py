"""Watching the clients of running queries, so that a query whose client went away or pressed Ctrl-C is given up."""

import contextlib
import logging
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apps.embedded.clickhouse_server.engine import Engine, EngineError
from apps.embedded.clickhouse_server.packets import CLIENT_CANCEL

log = logging.getLogger(__name__)

PERIOD_SECONDS: Final = 0.1  # a query shorter than this is never looked at, and so pays nothing


@dataclass
class Watched:
    """A running query's client, and whether it has cancelled the query or is gone."""

    client: socket.socket
    session_name: str
    cancelled: bool = False
    gone: bool = False

    @property
    def gave_up(self) -> bool:
        """Whether nobody wants the result any more."""
        return self.cancelled or self.gone

    def look(self) -> None:
        """See whether the client closed its end or sent Cancel. Anything else that it sent waits for its turn."""
        try:
            poll = select.poll()  # not select(), which fails for the files beyond the 1,024th
            poll.register(self.client, select.POLLIN)
            if not poll.poll(0):  # asked first, since recv on a socket with a timeout waits that long
                return
            waiting = self.client.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):  # reset by the peer, or closed here
            self.gone = True
        else:
            self.gone = not waiting
            self.cancelled = self.cancelled or waiting == bytes([CLIENT_CANCEL])


class Watch:
    """One thread for all connections: it looks at the clients of running queries every PERIOD_SECONDS."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running: dict[str, Watched] = {}
        self._something_runs = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    @contextlib.contextmanager
    def over(self, client: socket.socket, session_name: str) -> Iterator[Watched]:
        """Watch `client` while the block runs."""
        watched = Watched(client, session_name)
        self._running[session_name] = watched
        self._something_runs.set()
        try:
            yield watched
        finally:
            del self._running[session_name]

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._something_runs.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(PERIOD_SECONDS):
            for watched in list(self._running.values()):
                watched.look()
                if watched.gave_up:
                    # Asked again each time: the first request may come before the engine has registered the query.
                    try:
                        self._engine.cancel(watched.session_name)
                    except EngineError as error:
                        log.warning("%s could not be cancelled: %s", watched.session_name, error)
            if not self._running:
                self._something_runs.clear()
                if not self._running:  # one may have come between the two lines
                    self._something_runs.wait()
