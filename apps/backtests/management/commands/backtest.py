"""`manage.py backtest`: what a changed threshold or signal would have done, on the terminal."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.backtests import backtest, reading, report, running, signal_backtest
from apps.backtests.backtest import Report
from apps.backtests.replayed import Replayed
from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.detection.catalog import UnknownSignalError, by_name
from apps.detection.definition import ParameterError, Value
from apps.detection.settings import OwnValues, current_version, own_values
from apps.projects.models import Project
from apps.thresholds.audiences import TooManyPresencesError
from apps.thresholds.models import Threshold, ThresholdVersion
from apps.thresholds.versions import FIELDS, Draft, SenselessThresholdError

_SWITCH = {"yes": True, "no": False}


class Command(BaseCommand):
    """Runs what is in force and a draft of it over history, and prints the difference. Writes nothing."""

    help = "Runs a threshold, or a signal, and a draft of its change over history: which incidents open, close or stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The threshold or the project with a signal, the changes, the days."""
        parser.add_argument("threshold", type=int, nargs="?", help="the threshold's id, as in its page's address")
        parser.add_argument("--project", type=int, help="instead of a threshold: all that count the --signal")
        parser.add_argument("--signal", help="change this signal's parameters, such as rage_click, not the threshold")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a change of the draft, such as at_least=3 or signals=rage_click,dead_click of a threshold, or "
            "min_clicks=4 of a signal; may be repeated",
        )
        parser.add_argument("--days", type=int, default=7, help="how far back to look (default: 7)")
        parser.add_argument("--json", action="store_true", help="print the whole report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exits with an error that says what to change."""
        if options["days"] < 1:
            raise CommandError("--days must be at least 1.")
        if options["project"] is not None and not options["signal"]:
            raise CommandError("--project goes with a --signal. A threshold is named by its id alone.")
        try:
            if options["signal"]:
                self._parameters(options)
            else:
                self._threshold(options)
        except (SenselessThresholdError, reading.TooManySignalsError, TooManyPresencesError, ClickHouseError) as error:
            raise CommandError(str(error)) from error

    def _threshold(self, options: dict[str, Any]) -> None:
        current = _version(options["threshold"])
        project = current.threshold.project
        now, then = running.compared(current, _fields(options["set"]), kept_days=project.retention_days)
        result = backtest.run(
            project_id=project.pk,
            now=now,
            then=then,
            span=running.span_of(project, days=options["days"], now=clock.now()),
            progress=self._progress,
        )
        self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps(report.to_json(result), default=str))
        else:
            self._print(result)

    def _parameters(self, options: dict[str, Any]) -> None:
        versions = _versions(options)
        project = versions[0].threshold.project if options["threshold"] else _project(options["project"])
        now = own_values(current_version(project))
        then = {**now, options["signal"]: _values(options["signal"], options["set"], now)}
        versions = signal_backtest.counting(versions, signal_backtest.differing_kinds(now, then))
        result = signal_backtest.run(
            project_id=project.pk,
            now=now,
            then=then,
            versions=versions,
            span=running.span_of_parameters(project, versions, days=options["days"], now=clock.now()),
            progress=self._progress,
        )
        self.stderr.write("")
        if options["json"]:
            self.stdout.write(json.dumps(report.of_signals(result), default=str))
            return
        for kind in result.kinds:
            self.stdout.write(
                f"{by_name(kind.kind).title}: {kind.now.signals} now, {kind.then.signals} by the draft; "
                f"sessions: {kind.now.sessions} now, {kind.then.sessions} by the draft"
            )
        if not result.kinds:
            self.stdout.write("The draft says what is in force: nothing would change.")
        elif not result.thresholds:
            self.stdout.write(
                "None of these thresholds is switched on and counts it, so no incident would be different."
            )
        for each in result.thresholds:
            self.stdout.write(f"\n{each.version.threshold}")
            self._print(each.report)

    def _progress(self, percent: int) -> None:
        self.stderr.write(f"\r{percent} %", ending="")

    def _print(self, result: Report) -> None:
        first, last = clock.from_ms(result.span.first_ms), clock.from_ms(result.span.last_ms)
        self.stdout.write(f"From {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC, as far as events are kept.")
        difference = result.difference
        for title, incidents in (
            ("Would open", difference.opens),
            ("Would not open any more", difference.closes),
            ("Stay", tuple(kept.then for kept in difference.stays)),
        ):
            self.stdout.write(f"{title}: {len(incidents)}")
            for incident in incidents:
                self.stdout.write(f"  {_line(incident)}")


def _version(threshold_id: int | None) -> ThresholdVersion:
    if threshold_id is None:
        raise CommandError("Name a threshold by its id, or a --project with a --signal.")
    threshold = Threshold.objects.select_related("current_version__threshold__project").filter(pk=threshold_id).first()
    if threshold is None or threshold.current_version is None:
        raise CommandError(f"There is no threshold {threshold_id} with a version in force.")
    return threshold.current_version


def _versions(options: dict[str, Any]) -> list[ThresholdVersion]:
    """The one threshold that was named, or all of the project."""
    if options["project"] is None:
        return [_version(options["threshold"])]
    if options["threshold"] is not None:
        raise CommandError("Name a threshold or a --project, not both.")
    return running.in_force(_project(options["project"]))


def _project(project_id: int) -> Project:
    project = Project.objects.filter(pk=project_id).first()
    if project is None:
        raise CommandError(f"There is no project {project_id}.")
    return project


def _values(signal: str, changes: list[str], now: OwnValues) -> Mapping[str, Value]:
    """The signal's own values with the changes in their places. Raises CommandError for what is no change of them."""
    try:
        definition = by_name(signal)
    except UnknownSignalError as error:
        raise CommandError(str(error)) from error
    parameters = {parameter.name: parameter for parameter in definition.parameters}
    values = dict(now.get(signal, {}))
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or name not in parameters:
            raise CommandError(f"“{change}” is no change. Write NAME=VALUE with one of {', '.join(parameters)}.")
        if isinstance(parameters[name].default, tuple):
            values[name] = tuple(filter(None, value.split(",")))
        elif value.isdecimal():
            values[name] = int(value)
        else:
            raise CommandError(f"{name} is a whole number of {parameters[name].unit}; got “{value}”.")
    try:
        return definition.values(values)
    except ParameterError as error:
        raise CommandError(str(error)) from error


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
        default = getattr(Draft(), name)
        if isinstance(default, bool):
            if value not in _SWITCH:
                raise CommandError(f"{name} is yes or no; got “{value}”.")
            fields[name] = _SWITCH[value]
        elif isinstance(default, int):
            if not value.isdecimal():
                raise CommandError(f"{name} is a whole number; got “{value}”.")
            fields[name] = int(value)
        else:
            fields[name] = value.split(",") if name == "signals" else value
    return fields
