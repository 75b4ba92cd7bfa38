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
from apps.explanations.explaining import Explanation, NothingKnownError, explain
from apps.incidents.incident_page import comparison
from apps.thresholds.evaluation import Predicate
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
            raise CommandError(f"There is no threshold {options['threshold']}. Its page's address has its id.")
        try:
            at = datetime.fromisoformat(options["at"])
        except ValueError as error:
            raise CommandError(f"“{options['at']}” is no moment. Write it like 2026-11-23T12:00:30.") from error
        try:
            found = explain(threshold, at if at.tzinfo else at.replace(tzinfo=UTC))
        except (NothingKnownError, TooManySignalsError, ClickHouseError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_to_json(found)))
        else:
            self.stdout.write("\n".join(_lines(found)))


def _lines(found: Explanation) -> list[str]:
    """The sentences, with every predicate below its group's."""
    rule = rule_of(found.version)
    groups = (
        line
        for each in found.answer.groups[: words.GROUPS]
        for line in (words.of_group(each, rule), *(_predicate(predicate) for predicate in each.verdict.trace))
    )
    left_out = (words.of_left_out(each, rule) for each in found.answer.left_out)
    return [words.headline(found.answer, rule), *_around(found), *groups, *left_out, *_beside(found)]


def _around(found: Explanation) -> list[str]:
    """What decided beside the numbers: the switch, and incidents that were there already."""
    off = [] if found.enabled else [words.SWITCHED_OFF]
    return [
        *off,
        *(f"{words.of_standing(each.state, opened_now=each.opened_now)} {each.incident}" for each in found.standing),
    ]


def _predicate(predicate: Predicate) -> str:
    told = comparison(predicate)
    return f"  {told.what}: {told.value}, at least {told.bound}: {told.margin}"


def _sentences(found: Explanation) -> list[str]:
    headline, *others = words.sentences(found.answer, rule_of(found.version))
    return [headline, *_around(found), *others, *_beside(found)]


def _beside(found: Explanation) -> list[str]:
    """What bears on the answer beside the signals: events that are never evaluated, and what was nearly a signal."""
    events = [words.of_events(each.reason, each.events, each.sessions) for each in found.events_left_out]
    return [*events, *(words.of_near(moment) for moment in found.near or ())]


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
