"""Projects for runs: each has a key and a rule that counts sessions with rage clicks per element."""

from dataclasses import asdict, dataclass

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from apps.core import clock
from apps.organizations.models import Organization
from apps.projects import keys
from apps.projects.models import Project
from apps.thresholds import versions
from apps.thresholds.models import Threshold
from apps.thresholds.versions import Draft
from bench.faults.visits import AT_LEAST


@dataclass(frozen=True)
class FaultProject:
    """A project's id and its plain key."""

    id: int
    key: str


def make_projects(number: int) -> list[FaultProject]:
    """Makes `number` of them, before anything is broken."""
    organization = Organization.objects.create(name="Faults", slug="faults")
    made = [_make_project(organization, each) for each in range(number)]
    # Nothing of this process may stay connected to a server that is about to be killed.
    connections.close_all()
    for connection in connections.all():
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()
    return made


def _make_project(organization: Organization, number: int) -> FaultProject:
    project = Project.objects.create(organization=organization, name=f"Run {number}", slug=f"run-{number}")
    threshold = Threshold.objects.create(project=project, name="Rage clicks")
    draft = Draft(signals=("rage_click",), at_least=AT_LEAST)
    versions.save_version(threshold=threshold, fields=asdict(draft), actor=None, at=clock.now())
    return FaultProject(project.pk, keys.create(project=project, name="Faults", actor=None).plain)
