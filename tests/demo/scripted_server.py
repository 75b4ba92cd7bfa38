"""An HTTP server that answers what a test tells it to, for the ways in which a product can fail to take a batch."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import time_ns
from typing import Any


class ScriptedServer(ThreadingHTTPServer):
    """Answers POST with `statuses` in turn, then with 200. Keeps each batch and when it came (ms since 1970)."""

    def __init__(self, *statuses: int, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.statuses = list(statuses)
        self.batches: list[dict[str, Any]] = []
        self.came_ms: list[int] = []

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: ScriptedServer

    def do_POST(self) -> None:
        self.server.came_ms.append(time_ns() // 1_000_000)
        self.server.batches.append(json.loads(gzip.decompress(self.rfile.read(int(self.headers["Content-Length"])))))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        answer = b'{"accepted":1,"rejected":[]}' if status == 200 else b'{"error":{"code":"x","message":"not now"}}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 http.server's signature
        """Silent."""


@contextmanager
def answering(*statuses: int, port: int = 0) -> Iterator[ScriptedServer]:
    """A ScriptedServer on `port`, or on a free one."""
    server = ScriptedServer(*statuses, port=port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
