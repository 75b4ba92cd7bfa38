"""The ingest endpoint in its own gunicorn, over the tests' engines, and how to speak to it byte by byte."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from apps.projects.keys import NewKey

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A gunicorn process that serves config.ingest_wsgi over the tests' engines."""

    def __init__(self, log: Path, **environment: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self.port: int = reserved.getsockname()[1]
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.ingest_wsgi"),
                    *("--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "4"),
                ],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "config.settings.ingest",
                    "SECRET_KEY": "for-this-test-only-and-long-enough-to-pass-every-check",
                    "ALLOWED_HOSTS": "127.0.0.1",
                    "DATABASE_URL": urlunsplit(database),
                    **environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.log = log
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.exchange(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200:
                    return
            except ConnectionError:
                time.sleep(0.05)
        pytest.fail(f"gunicorn did not start:\n{self.log.read_text()}")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def exchange(self, request: bytes) -> tuple[int, dict[str, str], Any]:
        """Sends `request` on a connection of its own and reads the answer."""
        with self.connect() as sock:
            sock.sendall(request)
            return read_answer(sock)

    def tell_to_stop(self) -> None:
        """By SIGTERM. Returns once it has begun to stop."""
        self.process.send_signal(signal.SIGTERM)
        while "Handling signal: term" not in self.log.read_text():
            time.sleep(0.01)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(timeout=30)


def read_answer(sock: socket.socket) -> tuple[int, dict[str, str], Any]:
    """Status, headers (names in lower case) and decoded JSON (None without a body)."""
    with sock.makefile("rb") as reader:
        line = reader.readline()
        if not line:
            raise ConnectionResetError
        headers: dict[str, str] = {}
        while (header := reader.readline().strip()) != b"":
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", 0)))
    is_json = headers.get("content-type") == "application/json"
    return int(line.split()[1]), headers, json.loads(body) if body and is_json else None


def head(key: NewKey, *headers: str) -> bytes:
    lines = [f"POST /v1/events?k={key.plain} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: text/plain", *headers, "", ""]
    return "\r\n".join(lines).encode()


def chunked(body: bytes, size: int = 100) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
