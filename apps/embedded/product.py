"""The whole product on one machine: the engines, and web, worker and beat beside them.

    with Product(Path(".data/demo")) as product:
        print(product.url)

Every part is a `Child`, so that a test can kill one: `product.children["worker"].kill()`. Django is never
imported here; its processes are started by their command lines, as an operator would start them.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from apps.embedded import ports
from apps.embedded.private_file import write_private
from apps.embedded.stack import Stack
from apps.embedded.supervisor import Child, Command, Restart, StartFailedError, inherited_environment

CHECKOUT: Final = Path(__file__).resolve().parents[2]
_USUAL_PORT: Final = 8000


class Product:
    """Everything that `bin/demo` and `bin/dev` run. With `debug`, web reloads when Python files change.

    Children that die are started anew; all of them end with this process, however it ends.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        debug: bool = False,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        progress: Callable[[str], None] = print,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.stack = Stack(self.data_dir, durable=durable, restart=Restart(), progress=progress)
        self.children: dict[str, Child] = {}
        self.url = ""
        self._port = port
        self._reserved: socket.socket | None = None
        self._debug = debug
        self._settings = dict(settings or {})
        self._progress = progress

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts everything and returns when the product is ready for people.

        Raises AlreadyRunningError, StartFailedError; what had been started by then is stopped.
        """
        self._progress("Starting Postgres, Redis and ClickHouse …")
        self.stack.start()
        try:
            self._start_product()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stops everything, the last started first."""
        self.stack.stop()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        (self.data_dir / "product.env").unlink(missing_ok=True)
        self.children.clear()

    def environment(self) -> dict[str, str]:
        """What a `manage.py` beside the running product needs."""
        return inherited_environment(
            **self.stack.environment(),
            DJANGO_SETTINGS_MODULE="config.settings.local",
            IRK_DATA_DIR=str(self.data_dir),
            SECRET_KEY=self._secret_key(),
            PUBLIC_URL=self.url,
            DEBUG="true" if self._debug else "false",
            PROMETHEUS_MULTIPROC_DIR=str(self.data_dir / "metrics"),
            **self._settings,
        )

    def manage(self, *arguments: str) -> str:
        """Runs `manage.py` with `arguments` and returns what it printed.

        Raises StartFailedError with its output when it fails.
        """
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=CHECKOUT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise StartFailedError(f"manage.py {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}")
        return result.stdout

    def _start_product(self) -> None:
        port = self._port or (_USUAL_PORT if ports.is_free(_USUAL_PORT) else ports.choose())
        try:
            # Held from here on: migrating takes a while, and another server must not answer in our place.
            self._reserved = ports.reserve(port)
        except OSError as error:
            raise StartFailedError(f"Port {port} is taken. Choose another with --port, or stop what has it.") from error
        self.url = f"http://127.0.0.1:{port}"
        metrics = self.data_dir / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir(mode=0o700)
        self._write_environment()
        self._progress("Migrating Postgres and ClickHouse …")
        self.manage("prepare_stores")
        self._progress("Starting web, worker and beat …")
        web = ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
        web += ["--reuse-port", "--graceful-timeout", "5", *(["--reload"] if self._debug else [])]
        celery = ["celery", "--quiet", "-A", "config"]
        worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        beat = [*celery, "beat", "--schedule", str(self.data_dir / "beat-schedule"), "--pidfile="]
        self._start("worker", worker)
        self._start("beat", beat)
        self._start("web", web, ready=self._answers)  # last: while it is waited for, the others start too

    def _start(self, name: str, arguments: Sequence[str], *, ready: Callable[[], bool] | None = None) -> None:
        self.children[name] = self.stack.supervisor.start(
            Command(
                name=name,
                arguments=[sys.executable, "-m", *arguments],
                log=self.stack.log_dir / f"{name}.log",
                lock=self.data_dir / "run" / f"{name}.lock",
                environment=self.environment(),
                folder=CHECKOUT,
                ready=ready,
                restart=Restart(),
            )
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as response:  # noqa: S310 our own address
                return bool(response.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def _secret_key(self) -> str:
        """Signs sessions and login links; made at the first start, so that people stay signed in over restarts."""
        path = self.data_dir / "secret-key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50))
        return path.read_text()

    def _write_environment(self) -> None:
        """For `manage.py` in a second terminal; config/settings/local.py reads it."""
        names = ("SECRET_KEY", "PUBLIC_URL", "DEBUG", "PROMETHEUS_MULTIPROC_DIR")
        environment = self.environment()
        write_private(self.data_dir / "product.env", "".join(f"{name}={environment[name]}\n" for name in names))


def data_dir(name: str) -> Path:
    """Where `bin/<name>` keeps its data: IRK_DATA_DIR, or a folder of its own under .data/."""
    return Path(os.environ.get("IRK_DATA_DIR") or CHECKOUT / ".data" / name)
