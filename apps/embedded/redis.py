"""Redis as a child process, with a password, on the loopback interface only."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

from apps.embedded import programs
from apps.embedded.supervisor import Command


@dataclass(frozen=True)
class Redis:
    """One Redis server with its data under `folder`."""

    folder: Path
    log: Path
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> Command:
        """Write the configuration and return what runs it.

        Raises ProgramMissingError.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        configuration = self.folder / "redis.conf"
        configuration.touch(mode=0o600)  # the password stands in it rather than in the argument list, which all can see
        configuration.write_text(
            "bind 127.0.0.1\n"
            f"port {self.port}\n"
            f"requirepass {self.password}\n"
            "daemonize no\n"
            f"dir {_quoted(str(self.folder))}\n"
            "appendonly yes\n"
            "appendfsync everysec\n"
            'save ""\n'  # the append-only file is enough
            "maxmemory-policy noeviction\n"  # a queue must not lose entries in silence
        )
        return Command(
            name="redis",
            arguments=[str(programs.redis_server()), str(configuration)],
            log=self.log,
            lock=self.folder.parent / "run" / "redis.lock",
            environment={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"},
            folder=self.folder,
            ready=self._serves,
        )

    def _serves(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (received := connection.recv(256)):
                    answer += received
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def _quoted(text: str) -> str:
    """`text` as a value in Redis's configuration."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
