"""`manage.py migrate_clickhouse`: brings ClickHouse's tables up to date."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.clickhouse import client, migrator

# Any fixed number of our own; the advisory locks of one Postgres database share a space of 2^63.
LOCK = 0x69726B_6368_0001


class Command(BaseCommand):
    """Applies numbered .sql files, or says what would be applied."""

    # The migrator runs before everything else is in place, and needs none of it.
    requires_system_checks = []
    help = (
        "Applies pending ClickHouse migrations. Forward only; refuses what was changed, is missing or did not finish."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares the ways to run; without one, pending migrations are applied."""
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--plan", action="store_true", help="Print the statements that would run, and run none.")
        ways.add_argument("--check", action="store_true", help="Exit 1 unless everything is applied and unchanged.")
        ways.add_argument(
            "--mark-finished", type=int, metavar="N", help="An unfinished migration was completed by hand."
        )
        ways.add_argument("--mark-undone", type=int, metavar="N", help="An unfinished migration was undone by hand.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError (exit 1) with the reason when something stands in the way."""
        try:
            if options["plan"]:
                self._plan()
            elif options["check"]:
                self._check()
            else:
                with self._alone():
                    self._change(finished=options["mark_finished"], undone=options["mark_undone"])
        except (migrator.MigrationRefusedError, client.ClickHouseError) as error:
            raise CommandError(str(error)) from error

    def _plan(self) -> None:
        todo = migrator.pending(migrator.load(), migrator.recorded())
        for migration in todo:
            self.stdout.write(self.style.MIGRATE_HEADING(f"{migration} ({migration.checksum[:12]})"))
            for statement in migration.statements:
                self.stdout.write(f"{statement};")
        if not todo:
            self.stdout.write("Nothing to apply.")

    def _check(self) -> None:
        todo = migrator.pending(migrator.load(), migrator.recorded())
        if todo:
            names = ", ".join(str(migration) for migration in todo)
            raise CommandError(f"Not applied yet: {names}. Run `manage.py migrate_clickhouse`.")
        self.stdout.write("ClickHouse is up to date.")

    def _change(self, *, finished: int | None, undone: int | None) -> None:
        if finished is not None:
            migrator.mark_finished(finished)
            self.stdout.write(f"Migration {finished:04d} counts as finished.")
        elif undone is not None:
            migrator.mark_undone(undone)
            self.stdout.write(f"Migration {undone:04d} counts as never begun; the next run applies it.")
        else:
            applied = migrator.migrate(report=self.stdout.write)
            self.stdout.write(f"Applied {len(applied)}." if applied else "Nothing to apply.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Waits until no other migrator runs. Postgres drops the lock by itself when this process dies."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                self.stdout.write("Another migrator is at work. Waiting for it …")
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
