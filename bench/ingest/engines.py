"""The engines that all contenders share, and a project with a key."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.embedded.stack import Stack
from bench.ingest.contenders import ROOT, cpu_seconds

_MAKE_KEY = """
import django; django.setup()
from apps.organizations.models import Organization
from apps.projects import keys
from apps.projects.models import Project
organization = Organization.objects.create(name="Bench", slug="bench")
project = Project.objects.create(organization=organization, name="Bench", slug="bench")
print(keys.create(project=project, name="bench", actor=None).plain, project.pk)
"""


@dataclass(frozen=True)
class Engines:
    """Running engines. `environment` is a server's; `key` is of the project `project_id`."""

    stack: Stack
    environment: Mapping[str, str]
    key: str
    project_id: int

    def clickhouse_cpu_seconds(self) -> float:
        """What ClickHouse has used so far."""
        return cpu_seconds(self.stack.clickhouse.pid) if self.stack.clickhouse.pid else 0.0


@contextmanager
def engines(folder: Path, *, durable: bool) -> Iterator[Engines]:
    """Engines with their data below `folder`; with `durable` ClickHouse flushes each part to the disk."""
    with Stack(folder / "data", progress=lambda _: None, durable=durable) as stack:
        environment = {
            **os.environ,
            **stack.environment(),
            "DJANGO_SETTINGS_MODULE": "config.settings.ingest",
            "SECRET_KEY": "for-this-measurement-only-and-long-enough-to-pass-every-check",
            "ALLOWED_HOSTS": "127.0.0.1",
            "LOG_LEVEL": "WARNING",
            # Counted, but never reached.
            "INGEST_REQUESTS_PER_MINUTE": "1000000000",
            "INGEST_ORGANIZATION_REQUESTS_PER_MINUTE": "1000000000",
            "INGEST_ADDRESS_REQUESTS_PER_MINUTE": "1000000000",
        }
        for command in (["manage.py", "migrate"], ["manage.py", "migrate_clickhouse"]):
            _run(command, environment)
        if not durable:
            _run(["manage.py", "shell", "-c", _NOT_DURABLE], environment)
        key, project_id = _run(["-c", _MAKE_KEY], environment).split()
        yield Engines(stack, environment, key, int(project_id))


# The table's own settings, from its migration, count more than the engine's.
_NOT_DURABLE = """
from apps.clickhouse import client
client.command("ALTER TABLE events MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0")
"""


def _run(command: list[str], environment: Mapping[str, str]) -> str:
    arguments = [sys.executable, *command]
    return subprocess.run(
        arguments, cwd=ROOT, env=dict(environment), check=True, stdout=subprocess.PIPE
    ).stdout.decode()
