"""gunicorn's threads, with three differences.

What is no HTTP request is answered in the words of every other refusal (docs/ingest.md): gunicorn's own answer is a
page of HTML, and its line in the log quotes the request line, in which a key stands. An answer is one packet. And
requests are counted from the moment at which their connection has something to read (`apps.core.arrivals`).
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from apps.core.arrivals import arrivals

# Linux has it, for TCP.
_HAS_CORK: Final = hasattr(socket, "TCP_CORK")


class Worker(ThreadWorker):  # type: ignore[misc]
    """For `worker_class`."""

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Gives a connection that has more to say to a thread.

        Counted is only what a thread is free for: all others may be waiting for each other. Nor is a new connection,
        which need not say anything.
        """
        served = self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns)
        if served < self.cfg.threads:
            arrivals.arrived()
            conn.has_arrived = True
        super().on_client_socket_readable(conn, client)

    def handle(self, conn: Any) -> Any:
        """Reads a request and answers it."""
        if not getattr(conn, "has_arrived", False):
            return super().handle(conn)
        conn.has_arrived = False
        with arrivals.serving():
            return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answers a request in one packet: gunicorn sends an answer's head and its body apart."""
        # Who waits for 100 Continue gets it at once.
        if not _HAS_CORK or conn.sock.family == socket.AF_UNIX or any(name == "EXPECT" for name, _ in req.headers):
            return super().handle_request(req, conn)
        with _corked(conn.sock):
            return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answers a request that could not be read, or that raised before or behind all views."""
        if isinstance(exc, ParseException):
            kind = type(exc).__name__
            self.log.warning("Invalid request: %s", kind)
            answer = _answer("400 Bad Request", "malformed", f"This is no HTTP request that can be taken: {kind}.")
        else:
            self.log.error("A request failed outside of its view.", exc_info=exc)
            answer = _answer("500 Internal Server Error", "internal", "Something went wrong here. Send it again.")
        try:
            client.sendall(answer)
        except OSError as error:
            self.log.debug("An answer could not be sent: %s", type(error).__name__)


@contextmanager
def _corked(connection: socket.socket) -> Iterator[None]:
    """Holds back what is sent until it fills a packet, or until the end; at most 200 ms (tcp(7))."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    try:
        yield
    finally:
        # Where it was closed meanwhile, nothing is held back any more.
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


def _answer(status: str, code: str, message: str) -> bytes:
    body = json.dumps({"error": {"code": code, "message": message}})
    lines = [
        f"HTTP/1.1 {status}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        # Its origin may be what could not be read.
        "Access-Control-Allow-Origin: *",
    ]
    return "\r\n".join([*lines, "", body]).encode()
