"""`manage.py seed_demo`: the demo's organization, project, key, thresholds and owner."""

import json
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.demo import seeding
from apps.organizations import login_links


class Command(BaseCommand):
    """Makes what the demo shop needs, and prints a one-time login."""

    help = "Makes the demo shop's organization, project, key, thresholds and owner. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--unvisited and --json."""
        parser.add_argument("--unvisited", action="store_true", help="a new project if the newest one has events")
        parser.add_argument("--json", action="store_true", help="print one line of JSON for scripts")

    def handle(self, *args: object, unvisited: bool, json: bool, **options: object) -> None:
        """Seeds, and says which project the shop reports to and how to sign in."""
        demo = seeding.seed_unvisited() if unvisited else seeding.seed()
        login = f"{settings.PUBLIC_URL.rstrip('/')}{login_links.create_path(demo.owner)}"
        if json:
            self.stdout.write(_as_json(project=demo.project.pk, key=demo.key, login=login))
        else:
            self.stdout.write(f"The demo shop reports to “{demo.project}” of “{demo.project.organization}”.")
            self.stdout.write(f"Sign in, once only: {login}")


def _as_json(**values: object) -> str:
    return json.dumps(values)
