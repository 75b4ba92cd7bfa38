"""`manage.py demo_replay`: replays the recorded visits through the HTTP endpoint and shows the incidents that open."""

import json
import threading
from argparse import ArgumentParser
from time import monotonic, sleep

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.demo import recording, seeding
from apps.demo.outcome import Opened, Outcome
from apps.demo.replay import Progress, as_one_run, replay
from apps.demo.sending import Endpoint, RefusedError, UnreachableError
from apps.organizations import login_links

# Seconds between two looks at the incidents: the error of first_incident_seconds.
_POLL_SECONDS = 0.1
# Seconds after the last batch was stored in which two ticks must have decided: 3 s settle, two ticks of 10 s, and
# generous room for a slow machine or a part that was killed and came back.
_DECIDED_WITHIN_SECONDS = 90


class Command(BaseCommand):
    """Replays, waits until every event has been evaluated, and prints what opened and how to sign in."""

    help = "Replays the recorded visits to the demo shop and prints the incidents that open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--url and --once."""
        parser.add_argument("--url", default=settings.PUBLIC_URL, help="the product's address (default: PUBLIC_URL)")
        parser.add_argument("--once", action="store_true", help="end with one line of JSON for scripts")

    def handle(self, *args: object, url: str, once: bool, **options: object) -> None:
        """Exits with an error that names what is missing when too few kinds of incidents opened."""
        url = url.rstrip("/")
        demo = seeding.seed_unvisited()
        visits = as_one_run(
            recording.load(), run_id=f"{demo.project.pk}-{demo.key}", starts_ms=clock.to_ms(clock.now()) + 500
        )
        outcome = Outcome(demo.project)
        self._say(f"Replaying {len(visits)} recorded visits to {url}/shop/")
        self._replay_and_watch(visits, Endpoint(url, demo.key), outcome)
        if not outcome.enough():
            raise CommandError(
                f"The replay opened {len(outcome.opened)} incidents, of too few kinds. Missing: "
                f"{'; '.join(outcome.missing_kinds())}. Look at the worker's and beat's logs, and at {url}/readyz."
            )
        seconds = outcome.first_incident_seconds()
        self._report(outcome, url, login=f"{url}{login_links.create_path(demo.owner)}", seconds=seconds)
        if once:
            incidents = {"incidents": len(outcome.opened), "first_incident_seconds": round(seconds or 0.0, 1)}
            self._say(json.dumps({**incidents, "url": f"{url}/admin/"}))

    def _replay_and_watch(self, visits: tuple[recording.Visit, ...], endpoint: Endpoint, outcome: Outcome) -> None:
        progress = Progress(batches=sum(len(visit.batches) for visit in visits))
        stopping = threading.Event()
        failures: list[Exception] = []

        def run() -> None:
            try:
                replay(visits, endpoint, progress, stop=stopping.is_set)
            except (RefusedError, UnreachableError) as failure:
                failures.append(failure)

        thread = threading.Thread(target=run, name="replay")
        thread.start()
        try:
            self._watch(thread, progress, outcome)
        finally:
            stopping.set()
            thread.join()
        if failures:
            raise CommandError(str(failures[0]))

    def _watch(self, thread: threading.Thread, progress: Progress, outcome: Outcome) -> None:
        said = -1
        deadline: float | None = None
        while True:
            for opened in outcome.look():
                self._say(f"  incident: {opened.sentence}")
            quarter = progress.sent * 4 // progress.batches
            if quarter != said:
                said = quarter
                self._say(f"  {progress.sent} of {progress.batches} batches stored, {progress.events} events")
            if not thread.is_alive():
                if deadline is None:
                    deadline = monotonic() + _DECIDED_WITHIN_SECONDS
                    self._say("  all stored; waiting for the ticks that decide")
                if progress.sent < progress.batches or self._is_settled(outcome) or monotonic() > deadline:
                    outcome.look()
                    return
            sleep(_POLL_SECONDS)

    def _is_settled(self, outcome: Outcome) -> bool:
        try:
            return outcome.is_settled()
        except ClickHouseError:
            # ClickHouse is away for a moment; the deadline bounds how often we ask again.
            return False

    def _report(self, outcome: Outcome, url: str, *, login: str, seconds: float | None) -> None:
        self._say("")
        self._say(f"{len(outcome.opened)} incidents opened, the first {seconds:.1f} s after the click that mattered:")
        for opened in outcome.opened.values():
            self._say(f"  {_kinds(opened)}: {opened.sentence}")
            self._say(f"    {url}{opened.path}")
        self._say("")
        self._say(f"The shop:            {url}/shop/")
        self._say(f"Sign in, once only:  {login}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _kinds(opened: Opened) -> str:
    return ", ".join(kind.replace("_", " ") for kind in opened.kinds)
