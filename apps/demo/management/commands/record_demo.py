"""`manage.py record_demo`: makes the recording anew with the real SDK in real Chromium, against a running product."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from playwright.sync_api import sync_playwright

from apps.demo import recording
from apps.demo.capture import Capture, capturing
from apps.demo.recording import Batch, Visit
from apps.demo.shoppers import SHOPPERS, ChromiumMissingError, Shopper, chromium


class Command(BaseCommand):
    """Sends each shopper through the shop and keeps what the SDK reported."""

    help = "Records the demo's visits anew in Chromium, against the product at --url. bin/record-demo starts one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--url and --to."""
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="the running product (default: PUBLIC_URL)")
        parser.add_argument("--to", type=Path, default=recording.FOLDER, help="the folder to write to")

    def handle(self, *args: object, url: str, to: Path, **options: object) -> None:
        """Writes the recording only when every visit succeeded and every batch was stored."""
        try:
            with capturing(url) as capture:
                visits = [self._record(shopper, capture) for shopper in SHOPPERS]
        except ChromiumMissingError as error:
            raise CommandError(str(error)) from error
        recording.save(visits, to)
        size = sum(path.stat().st_size for path in to.glob("*.jsonl"))
        self.stdout.write(f"Wrote {len(visits)} visits, {size / 1024:.0f} KiB, to {to}.")

    def _record(self, shopper: Shopper, capture: Capture) -> Visit:
        before = len(capture.batches())
        with sync_playwright() as playwright, chromium(playwright, phone=shopper.phone) as context:
            shopper.visit(context.new_page(), f"{capture.url}/shop/")
        captured = capture.batches()[before:]
        if not captured:
            raise CommandError(f"The SDK sent nothing for “{shopper.name}”. Is it built, and the demo seeded?")
        refused = [batch for batch in captured if batch.status != 200]
        if refused:
            raise CommandError(f"The product answered {refused[0].status} to a batch of “{shopper.name}”.")
        self.stdout.write(f"  {shopper.name}: {len(captured)} batches")
        as_sent = Visit(shopper.name, tuple(Batch(at_ms=batch.arrived_ms, body=batch.body) for batch in captured))
        began_ms = as_sent.began_ms
        return Visit(shopper.name, tuple(Batch(batch.at_ms - began_ms, batch.body) for batch in as_sent.batches))
