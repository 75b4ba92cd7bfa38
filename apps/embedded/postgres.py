"""PostgreSQL 18 as a child process: a cluster with scram passwords, on the loopback interface only."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from apps.embedded import account, ports, programs
from apps.embedded.account import Account
from apps.embedded.supervisor import Command, StartFailedError

USER: Final = "irk"


@dataclass(frozen=True)
class Postgres:
    """One cluster. As root it lives in a folder of the unprivileged account, else under `folder`."""

    folder: Path
    log: Path
    port: int
    password: str = field(repr=False)
    durable: bool = True

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def command(self, progress: Callable[[str], None]) -> Command:
        """Make the cluster if it is missing and return what runs it.

        Raises StartFailedError, and NoAccountError or ProgramMissingError for what the machine lacks.
        """
        runs_as = account.unprivileged()
        programs_folder = _reachable_programs(runs_as, progress)
        home = self._home(runs_as)
        cluster = home / "cluster"
        if not (cluster / "PG_VERSION").exists():
            progress("Creating the Postgres cluster …")
            self._create_cluster(programs_folder, cluster, runs_as)
        return Command(
            name="postgres",
            arguments=[str(programs_folder / "bin" / "postgres"), "-D", str(cluster), *self._options()],
            log=self.log,
            lock=self.folder.parent / "run" / "postgres.lock",
            environment={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"},
            folder=home,
            ready=self._serves,
            stop_signal=signal.SIGINT,  # "fast": ends the clients' sessions and writes a checkpoint
            account=runs_as,
        )

    def before_start(self) -> None:
        """Remove a dead server's pid file, which names a process number that another program may have by now.

        Call it only while the lock of the command is free: all server processes hold that.
        """
        (self._home(account.unprivileged()) / "cluster" / "postmaster.pid").unlink(missing_ok=True)

    def create_database(self, name: str) -> None:
        """Create a database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _home(self, runs_as: Account | None) -> Path:
        if runs_as:
            return account.private_folder(runs_as, self.folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",  # no second way in
            "password_encryption": "scram-sha-256",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",  # planning is dearer than what it saves on small tables
        }
        if not self.durable:
            # Not synchronous_commit: without it a commit waits in the server's memory and dies with it.
            options |= {"fsync": "off", "full_page_writes": "off"}
        return [argument for name, value in options.items() for argument in ("-c", f"{name}={value}")]

    def _create_cluster(self, programs_folder: Path, cluster: Path, runs_as: Account | None) -> None:
        """Make it beside its final place and rename it, so that a killed initdb leaves nothing like a cluster."""
        unfinished = cluster.with_name("cluster.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = cluster.with_name("password")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if runs_as:
            os.chown(password_file, runs_as.user, runs_as.group)
        arguments = [
            str(programs_folder / "bin" / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={USER}",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            "--locale-provider=builtin",  # the same order of strings on every machine
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *([] if self.durable else ["--no-sync"]),
        ]
        try:
            done = subprocess.run(
                arguments,
                user=runs_as.user if runs_as else None,
                group=runs_as.group if runs_as else None,
                extra_groups=[] if runs_as else None,
                capture_output=True,
                text=True,
                cwd=cluster.parent,
                env={"PATH": os.defpath, "TZ": "UTC", "LC_ALL": "C"},
                check=False,
            )
        finally:
            password_file.unlink()
        if done.returncode:
            raise StartFailedError(f"The Postgres cluster cannot be created in {cluster}:\n{done.stdout}{done.stderr}")
        unfinished.rename(cluster)

    def _serves(self) -> bool:
        if not ports.answers(self.port):
            return False
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:  # "the database system is starting up"
            return False
        return True


def _reachable_programs(runs_as: Account | None, progress: Callable[[str], None]) -> Path:
    """Postgres's programs where the account can run them."""
    installed = programs.postgres_folder()
    if runs_as is None or _can_run(runs_as, installed):
        return installed
    progress("Copying Postgres to where an unprivileged user can run it …")
    version = subprocess.run([installed / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
    package = installed.parent
    libraries = package.with_name(package.name + ".libs")  # which the programs find by their relative place
    parts = [part.relative_to(package.parent) for part in (installed, libraries) if part.exists()]
    copy = account.shared_copy(package.parent, parts, "postgresql-" + version.stdout.split()[2])
    programs_folder = copy / installed.relative_to(package.parent)
    if not _can_run(runs_as, programs_folder):
        raise account.NoAccountError(f"User {runs_as.user} can run Postgres neither in {installed} nor in {copy}.")
    return programs_folder


def _can_run(runs_as: Account, programs_folder: Path) -> bool:
    return all(account.can_run(runs_as, programs_folder / "bin" / name) for name in ("postgres", "initdb"))
