"""`manage.py seed_demo`: the demo's organization, project, key, thresholds and owner."""

from django.core.management.base import BaseCommand

from apps.demo import seeding


class Command(BaseCommand):
    """Makes what the demo shop needs. Run twice it changes nothing."""

    help = "Makes the demo shop's organization, project, key, thresholds and owner. Safe to run again."

    def handle(self, *args: object, **options: object) -> None:
        """Seeds, and says which project the shop reports to."""
        demo = seeding.seed()
        self.stdout.write(f"The demo shop reports to “{demo.project}” of “{demo.project.organization}”.")
