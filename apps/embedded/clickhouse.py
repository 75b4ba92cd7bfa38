"""ClickHouse as a child process: the server of `apps.embedded.clickhouse_server`."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from clickhouse_driver import Client
from clickhouse_driver.errors import Error

from apps.embedded import ports
from apps.embedded.supervisor import Command, inherited_environment

USER: Final = "irk"
_CHECKOUT: Final = Path(__file__).resolve().parents[2]  # where `python -m apps.embedded…` finds the package


@dataclass(frozen=True)
class ClickHouse:
    """One server with its data under `folder`."""

    folder: Path
    log: Path
    port: int
    password: str = field(repr=False)
    database: str
    durable: bool = True

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"clickhouse://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def command(self) -> Command:
        """Write the password file and return what runs it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        options = {
            "--data": str(self.folder),
            "--port": str(self.port),
            "--user": USER,
            "--password-file": str(password_file),
            "--database": self.database,
        }
        arguments = [argument for option in options.items() for argument in option]
        if not self.durable:
            arguments.append("--no-fsync")
        return Command(
            name="clickhouse",
            arguments=[sys.executable, "-m", "apps.embedded.clickhouse_server", *arguments],
            log=self.log,
            lock=self.folder.parent / "run" / "clickhouse.lock",
            environment=inherited_environment(TZ="UTC"),
            folder=_CHECKOUT,
            ready=self._serves,
        )

    def _serves(self) -> bool:
        if not ports.answers(self.port):
            return False
        client = Client("127.0.0.1", self.port, user=USER, password=self.password, connect_timeout=2)
        try:
            client.execute("SELECT 1")
        except (Error, OSError, EOFError):
            return False
        finally:
            client.disconnect()
        return True
