"""Listening in on the SDK: a loopback proxy before the product that passes everything on and keeps the batches.

A proxy rather than the browser's own interception, because requests that a page sends while it is being left
(keepalive) are not reliably shown to interceptors, and those are the batches that a recording must not lose.
"""

import gzip
import http.client
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time_ns
from urllib.parse import urlsplit

from apps.demo.recording import Body

# Headers that belong to one connection, not to the message (RFC 9110, section 7.6.1), and those that we write anew.
_NOT_PASSED_ON = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "upgrade", "te", "host", "content-length", "date", "server")
)
# Seconds. A product that answers slower than this is broken; the recording should fail, not hang.
_TIMEOUT = 30


@dataclass(frozen=True)
class Captured:
    """A batch as the SDK sent it, when it arrived (ms since 1970), and the status that the product answered."""

    arrived_ms: int
    status: int
    body: Body


@dataclass
class Capture:
    """The running proxy's address and what it has seen so far."""

    url: str
    _seen: list[Captured] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, captured: Captured) -> None:
        """Keeps a batch. Called by the proxy's threads."""
        with self._lock:
            self._seen.append(captured)

    def batches(self) -> list[Captured]:
        """The batches so far, in the order in which they arrived."""
        with self._lock:
            return sorted(self._seen, key=lambda captured: captured.arrived_ms)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that leaves cuts its idle connections; anything else is printed, as http.server does."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def capturing(product_url: str) -> Iterator[Capture]:
    """Runs the proxy before the product at `product_url` (http://host:port) on a free loopback port."""
    target = urlsplit(product_url)
    host, port = target.hostname or "127.0.0.1", target.port or 80

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            arrived_ms = time_ns() // 1_000_000
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
            # The browser's own host stays, so that the product sees page and endpoint on one origin, as they are.
            headers["Host"] = self.headers["Host"]
            upstream = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
            try:
                upstream.request(self.command, self.path, body=body or None, headers=headers)
                answer = upstream.getresponse()
                content = answer.read()
            finally:
                upstream.close()
            if self.command == "POST" and urlsplit(self.path).path == "/v1/events":
                capture.add(Captured(arrived_ms=arrived_ms, status=answer.status, body=_decode(body)))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = do_OPTIONS = _pass_on  # noqa: N815 the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 http.server's signature
            """Says nothing: the recorder reports what matters."""

    server = _Server(("127.0.0.1", 0), Handler)
    capture = Capture(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, name="capture", daemon=True)
    thread.start()
    try:
        yield capture
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _decode(body: bytes) -> Body:
    # The SDK may send gzip as text/plain, without a header; the magic bytes tell (docs/ingest.md).
    text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    decoded: Body = json.loads(text)
    return decoded
