"""gunicorn's threads, which answer what is no HTTP request in the words of every other refusal (docs/ingest.md).

gunicorn's own answer is a page of HTML, and its line in the log quotes the request line, in which a key stands.
"""

import json
import socket
from typing import Any

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]


class Worker(ThreadWorker):  # type: ignore[misc]
    """For `worker_class`."""

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
