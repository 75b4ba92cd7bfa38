"""`manage.py export_proof`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.clickhouse.client import ClickHouseError
from apps.incidents.models import Incident
from apps.incidents.proof.exporting import NoProofError, export


class Command(BaseCommand):
    """Writes an incident's proof."""

    help = "Writes the proof of an incident: a file that bin/verify-proof verifies without any database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the incident and --output."""
        parser.add_argument("incident", type=UUID, help="the incident's id")
        parser.add_argument("--output", type=Path, help="where to write it; irk-proof-<incident>.json when left out")

    def handle(self, *args: Any, incident: UUID, output: Path | None, **options: Any) -> None:
        """Raises CommandError where the incident is not there or cannot be proved, or the file cannot be written."""
        found = Incident.objects.filter(pk=incident).first()
        if found is None:
            raise CommandError(f"There is no incident {incident}. Its page's address has its id.")
        try:
            proof = export(found)
        except (NoProofError, ClickHouseError) as error:
            raise CommandError(str(error)) from error
        path = output or Path(f"irk-proof-{incident}.json")
        try:
            path.write_bytes(proof)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}. Name another file with --output."
            ) from error
        self.stdout.write(f"Wrote {path} ({len(proof):,} bytes). Verify it with: bin/verify-proof {path}")
