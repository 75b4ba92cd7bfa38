"""The three engines together, over one data directory.

    with Stack(Path(".data")) as stack:
        os.environ.update(stack.environment())

Ports and passwords are chosen at the first start and remembered in `stack.json` (0600). While the stack runs,
`stack.env` (0600) holds the three addresses for other programs to read.
"""

import json
import logging
import secrets
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from apps.embedded import account, leftovers, ports
from apps.embedded.clickhouse import ClickHouse
from apps.embedded.lock import DirectoryLock
from apps.embedded.postgres import Postgres
from apps.embedded.private_file import write_private
from apps.embedded.redis import Redis
from apps.embedded.supervisor import Child, Restart, StartFailedError, Supervisor

log = logging.getLogger(__name__)

DATABASE: Final = "irk"
ENGINES: Final = ("postgres", "redis", "clickhouse")


class Stack:
    """Postgres, Redis and ClickHouse as children of this process; they end with it, however it ends.

    Each engine is a `Child`: `stack.clickhouse.kill()`, `stack.clickhouse.start()` and so on keep its port.
    With `restart`, an engine that dies unexpectedly is started anew. With `durable=False` nothing is flushed to
    the disk, which suits tests: it survives kill -9, but not a power loss.
    """

    postgres: Child
    redis: Child
    clickhouse: Child

    def __init__(
        self,
        data_dir: Path,
        *,
        log_dir: Path | None = None,
        durable: bool = True,
        restart: Restart | None = None,
        progress: Callable[[str], None] = log.info,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.log_dir = (log_dir or self.data_dir / "logs").resolve()
        self.supervisor = Supervisor(progress)
        self._durable = durable
        self._restart = restart
        self._progress = progress
        self._lock = DirectoryLock(self.data_dir)
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start all three and wait until they serve.

        Raises AlreadyRunningError when another process has the data directory, StartFailedError when that directory
        cannot be made or written to, or an engine does not come up; whatever it had started by then is stopped.
        """
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock.acquire()
        except OSError as error:
            raise StartFailedError(
                f"The data directory {self.data_dir} cannot be used: {error.strerror} ({error.filename}). "
                "Set IRK_DATA_DIR to a folder that you may make or write to."
            ) from error
        try:
            self._start_engines()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all three, the last started first, and give the data directory free."""
        self.supervisor.stop()
        (self.data_dir / "stack.env").unlink(missing_ok=True)
        self._lock.release()

    def remove(self) -> None:
        """Stop, and delete the data directory with all that belongs to it elsewhere."""
        self.stop()
        account.remove_private_folder(self.data_dir / "postgres")
        shutil.rmtree(self.data_dir)

    def environment(self) -> dict[str, str]:
        """DATABASE_URL, REDIS_URL and CLICKHOUSE_URL of the running engines."""
        return dict(self._environment)

    def _start_engines(self) -> None:
        chosen = self._choices()
        postgres = Postgres(
            self.data_dir / "postgres", self.log_dir / "postgres.log", *chosen["postgres"], durable=self._durable
        )
        redis = Redis(self.data_dir / "redis", self.log_dir / "redis.log", *chosen["redis"])
        clickhouse = ClickHouse(
            self.data_dir / "clickhouse",
            self.log_dir / "clickhouse.log",
            *chosen["clickhouse"],
            database=DATABASE,
            durable=self._durable,
        )
        command = postgres.command(self._progress)
        self.postgres = self.supervisor.start(replace(command, before=postgres.before_start, restart=self._restart))
        postgres.create_database(DATABASE)
        self.redis = self.supervisor.start(replace(redis.command(), restart=self._restart))
        self.clickhouse = self.supervisor.start(replace(clickhouse.command(), restart=self._restart))
        self._environment = {
            "DATABASE_URL": postgres.url(DATABASE),
            "REDIS_URL": redis.url,
            "CLICKHOUSE_URL": clickhouse.url(DATABASE),
        }
        lines = "".join(f"{name}={value}\n" for name, value in self._environment.items())
        write_private(self.data_dir / "stack.env", lines)

    def _choices(self) -> dict[str, tuple[int, str]]:
        """Each engine's port and password: the remembered ones, with a new port where the old one is taken."""
        for name in ENGINES:  # first, or a dying engine of an earlier start makes its port look taken
            leftovers.clear(self.data_dir / "run" / f"{name}.lock", name=name, patience_seconds=10)
        file = self.data_dir / "stack.json"
        remembered: dict[str, tuple[int, str]] = json.loads(file.read_text()) if file.exists() else {}
        chosen: dict[str, tuple[int, str]] = {}
        for name in ENGINES:
            taken = [port for port, _ in chosen.values()]
            port, password = remembered.get(name) or (ports.choose(taken), secrets.token_hex(16))
            chosen[name] = (port if ports.is_free(port) else ports.choose(taken), password)
        write_private(file, json.dumps(chosen))
        return chosen
