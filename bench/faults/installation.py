"""The product as an operator runs it, over engines of its own, with a proxy before each of them and before web.

Web is the ingest endpoint alone under gunicorn; worker and beat are Celery's. All of them are children that are started
anew when they die.
"""

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from apps.embedded import account, ports
from apps.embedded.stack import Stack
from apps.embedded.supervisor import Child, Command, Restart, StartFailedError
from bench.faults.disks import Disk
from bench.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
ENGINES = {"clickhouse": "CLICKHOUSE_URL", "redis": "REDIS_URL", "postgres": "DATABASE_URL"}
SPOOL_BYTES = 1 << 30
# What dies is started again soon, as an init system would; the pause grows where it dies again and again.
_RESTART = Restart(longest_seconds=2)


class Installation:
    """Everything, over `folder`. With `disks`, each store has a file system of its own; see `disks`."""

    def __init__(self, folder: Path, *, disks: bool) -> None:
        self._folder = folder
        self._stack = Stack(folder, restart=_RESTART, progress=lambda _: None)
        self._with_disks = disks
        self.disks: dict[str, Disk] = {}
        self.proxies: dict[str, Proxy] = {}
        self.children: dict[str, Child] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def web_port(self) -> int:
        """Where clients send: the proxy before web."""
        return self.proxies["web"].port

    def environment(self, *, through_proxies: bool, settings: str = "production") -> dict[str, str]:
        """What a process of the product needs, with the engines' own addresses or those of the proxies."""
        addresses = self._stack.environment()
        if through_proxies:
            for name, variable in ENGINES.items():
                parts = urlsplit(addresses[variable])
                own, proxied = f"@127.0.0.1:{parts.port}/", f"@127.0.0.1:{self.proxies[name].port}/"
                addresses[variable] = addresses[variable].replace(own, proxied)
        return {
            **os.environ,
            **addresses,
            "DJANGO_SETTINGS_MODULE": f"config.settings.{settings}",
            "SECRET_KEY": "of-a-run-that-injects-faults-and-is-thrown-away",
            "ALLOWED_HOSTS": "127.0.0.1",
            "INGEST_SPOOL_BYTES": str(SPOOL_BYTES),
        }

    def figure(self, name: str) -> float:
        """What web's /metrics says of `name`, which has no labels. Raises OSError."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), 0.0)

    def log(self, name: str) -> Path:
        """Where a part's words are."""
        return self._stack.log_dir / f"{name}.log"

    def _start(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True)
        if self._with_disks:
            self._mount()
        self._stack.start()
        engines = {"clickhouse": self._stack.clickhouse, "redis": self._stack.redis, "postgres": self._stack.postgres}
        self.children.update(engines)
        for name, variable in ENGINES.items():
            self.proxies[name] = Proxy(urlsplit(self._stack.environment()[variable]).port or 0)
        self._prepare_stores()
        self._port = ports.choose()
        self.proxies["web"] = Proxy(self._port)
        self._start_product()

    def _mount(self) -> None:
        runs_as = account.unprivileged()
        for name in ENGINES:
            folder = self._folder / name
            folder.mkdir(mode=0o700)
            if name == "postgres" and runs_as is not None:
                folder = account.private_folder(runs_as, folder)
            self.disks[name] = Disk(folder)

    def _prepare_stores(self) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", "prepare_stores"],
            cwd=ROOT,
            env=self.environment(through_proxies=False),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartFailedError(f"The stores cannot be prepared:\n{done.stdout}{done.stderr}")

    def _start_product(self) -> None:
        celery = ["celery", "--quiet", "-A", "config"]
        web = ["gunicorn", "-c", "config/gunicorn.py", "config.ingest_wsgi", "--threads", "32"]
        worker = [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        beat = [*celery, "beat", "--schedule", str(self._folder / "beat-schedule"), "--pidfile="]
        self._run("worker", worker)
        self._run("beat", beat)
        self._run("web", [*web, "--bind", f"127.0.0.1:{self._port}"], settings="ingest")

    def _run(self, name: str, arguments: Sequence[str], *, settings: str = "production") -> None:
        metrics = self._folder / f"metrics-{name}"
        metrics.mkdir()
        environment = self.environment(through_proxies=True, settings=settings)
        command = Command(
            name=name,
            arguments=[sys.executable, "-m", *arguments],
            log=self.log(name),
            lock=self._folder / "run" / f"{name}.lock",
            environment={**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
            folder=ROOT,
            ready=self._web_answers if name == "web" else None,
        )
        self.children[name] = self._stack.supervisor.start(replace(command, restart=_RESTART))

    def _web_answers(self) -> bool:
        return ports.answers(self._port)

    def _stop(self) -> None:
        for proxy in self.proxies.values():
            proxy.close()
        self._stack.stop()
        for disk in self.disks.values():
            disk.unmount()
        self._stack.remove()
        shutil.rmtree(self._folder, ignore_errors=True)
