"""A ClickHouse engine of a test's own, so that killing it harms no other test."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class OwnClickHouse:
    """The embedded engine as a process, over a folder that outlives it."""

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
