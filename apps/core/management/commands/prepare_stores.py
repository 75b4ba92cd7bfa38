"""`manage.py prepare_stores`: both migrators, one after the other, in one process."""

from typing import Any

from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    """What an installation runs before its new processes start; does nothing when nothing is pending."""

    help = "Brings Postgres and ClickHouse to the schema of this version."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs `migrate`, then `migrate_clickhouse`; the first failure stops it."""
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("migrate_clickhouse", verbosity=options["verbosity"])
