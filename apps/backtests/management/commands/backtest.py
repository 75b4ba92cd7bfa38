"""`manage.py backtest <threshold id>`: what a changed threshold would have done, on the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.backtests import backtest, reading, report, running
from apps.backtests.backtest import Candidate, Report
from apps.backtests.replay import Replayed
from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.incidents.judging import policy_of
from apps.thresholds.audiences import TooManyPresencesError
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold, ThresholdVersion
from apps.thresholds.versions import FIELDS, Draft, SenselessThresholdError, draft_version


class Command(BaseCommand):
    """Runs the version in force and a draft of it over history, and prints the difference. Writes nothing."""

    help = "Runs a threshold, and a draft of its change, over history: which incidents would open, close or stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The threshold, the changes, the days."""
        parser.add_argument("threshold", type=int, help="the threshold's id, as in its page's address")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="FIELD=VALUE",
            help="a change of the draft, such as at_least=3 or signals=rage_click,dead_click; may be repeated",
        )
        parser.add_argument("--days", type=int, default=7, help="how far back to look (default: 7)")
        parser.add_argument("--json", action="store_true", help="print the whole report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with an error that says what to change."""
        threshold = Threshold.objects.select_related("project", "current_version").filter(pk=options["threshold"])
        found = threshold.first()
        if found is None or found.current_version is None:
            raise CommandError(f"There is no threshold {options['threshold']} with a version in force.")
        if options["days"] < 1:
            raise CommandError("--days must be at least 1.")
        current = found.current_version
        try:
            draft = draft_version(current, _fields(options["set"]))
            result = backtest.run(
                project_id=found.project_id,
                now=_candidate(current),
                then=_candidate(draft),
                span=running.span_of(found.project, days=options["days"], now=clock.now()),
                progress=lambda percent: self.stderr.write(f"\r{percent} %", ending=""),
            )
        except (SenselessThresholdError, reading.TooManySignalsError, TooManyPresencesError, ClickHouseError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps(report.to_json(result), default=str))
        else:
            self._print(result)

    def _print(self, result: Report) -> None:
        difference = result.difference
        for title, incidents in (
            ("Would open", difference.opens),
            ("Would not open any more", difference.closes),
            ("Stay", tuple(kept.then for kept in difference.stays)),
        ):
            self.stdout.write(f"{title}: {len(incidents)}")
            for incident in incidents:
                self.stdout.write(f"  {_line(incident)}")


def _candidate(version: ThresholdVersion) -> Candidate:
    return Candidate(rule_of(version), policy_of(version))


def _line(incident: Replayed) -> str:
    margins = ", ".join(f"{predicate.name} {predicate.margin:+d}" for predicate in incident.opening.trace)
    return f"{clock.from_ms(incident.opened_ms):%Y-%m-%d %H:%M:%S}  {incident.sentence}  [{margins}]"


def _fields(changes: list[str]) -> dict[str, object]:
    """Raises CommandError for what is no change of a field."""
    fields: dict[str, object] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or name not in FIELDS:
            raise CommandError(f"“{change}” is no change. Write FIELD=VALUE with one of {', '.join(FIELDS)}.")
        number = isinstance(getattr(Draft(), name), int)
        if number and not value.isdecimal():
            raise CommandError(f"{name} is a whole number; got “{value}”.")
        fields[name] = int(value) if number else value.split(",") if name == "signals" else value
    return fields
