"""`manage.py explain <threshold id> --at 2026-11-23T12:00:30`: why an incident opened at a moment, or why not."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError

from apps.backtests.reading import TooManySignalsError
from apps.clickhouse.client import ClickHouseError
from apps.explanations import words
from apps.explanations.explaining import Explanation, NotInForceError, explain
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import Threshold


class Command(BaseCommand):
    """Prints the answer in sentences, or all of it as JSON. Writes nothing."""

    help = "Says why a threshold opened an incident at a moment, or why not: every number, and what was left out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The threshold and the moment."""
        parser.add_argument("threshold", type=int, help="the threshold's id, as in its page's address")
        parser.add_argument("--at", required=True, help="the moment, in ISO 8601; without a zone it is UTC")
        parser.add_argument("--json", action="store_true", help="print the whole answer as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with an error that says what to change."""
        threshold = Threshold.objects.filter(pk=options["threshold"]).first()
        if threshold is None:
            raise CommandError(f"There is no threshold {options['threshold']}.")
        try:
            at = datetime.fromisoformat(options["at"])
        except ValueError as error:
            raise CommandError(f"“{options['at']}” is no moment. Write it like 2026-11-23T12:00:30.") from error
        try:
            found = explain(threshold, at if at.tzinfo else at.replace(tzinfo=UTC))
        except (NotInForceError, TooManySignalsError, ClickHouseError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_to_json(found)))
        else:
            self.stdout.write("\n".join(_sentences(found)))


def _sentences(found: Explanation) -> list[str]:
    near = [words.of_near(moment) for moment in found.near or ()]
    events = [words.of_events(each.reason, each.events, each.sessions) for each in found.events_left_out]
    return [*words.sentences(found.answer, rule_of(found.version)), *events, *near]


def _to_json(found: Explanation) -> dict[str, object]:
    return {
        "version": found.version.number,
        "enabled": found.enabled,
        "answer": msgspec.to_builtins(found.answer),
        "near": msgspec.to_builtins(found.near),
        "events_left_out": msgspec.to_builtins(found.events_left_out),
        "standing": [{"incident": str(each.incident.pk), "state": each.state} for each in found.standing],
        "sentences": _sentences(found),
    }
