"""`manage.py generate_signal_docs`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.detection.catalog import DEFINITIONS
from apps.detection.document import signals_page


class Command(BaseCommand):
    """Writes docs/signals.md from the definitions."""

    help = "Writes docs/signals.md from the definitions of the signals, or with --check says whether it is up to date."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds --check."""
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        """Raises CommandError when --check finds the page out of date."""
        page = Path(settings.BASE_DIR) / "docs" / "signals.md"
        text = signals_page(DEFINITIONS)
        if not check:
            page.write_text(text, encoding="utf-8")
            self.stdout.write(f"Wrote {page}.")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            raise CommandError(
                "docs/signals.md is out of date. Run `manage.py generate_signal_docs` and commit the page."
            )
