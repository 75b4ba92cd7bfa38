"""Saving thresholds: every change is a new, immutable version; what makes no sense is refused with the reason."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.detection.catalog import DEFINITIONS
from apps.detection.patterns import never_fits
from apps.organizations.models import User
from apps.projects.models import Project
from apps.thresholds.evaluation import PER_MILLE
from apps.thresholds.models import GroupBy, Metric, Severity, Threshold, ThresholdVersion

DEVICES = ("desktop", "mobile", "tablet")
# Seconds. The tick; and the limits that the database holds too.
_GRID = 10
_SHORTEST_WINDOW, _LONGEST_WINDOW = 60, 86_400
_SHORTEST_QUIET, _LONGEST_QUIET = 60, 604_800
_LONGEST_EARLIER = 604_800
_LEAST_FACTOR, _MOST_FACTOR = 100, 100_000
# An hour of verdicts.
_MOST_VERDICTS = 360
_MOST_EXPOSURE = 1_000_000


class SenselessThresholdError(ValueError):
    """A threshold that could never do what it says. `problems` maps field to reason."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


@dataclass(frozen=True)
class Draft:
    """What a version says, before it is saved. Fields and units as in ThresholdVersion."""

    enabled: bool = True
    signals: tuple[str, ...] = ()
    route_pattern: str = ""
    element_pattern: str = ""
    environment: str = ""
    release: str = ""
    device: str = ""
    group_by: str = GroupBy.ROUTE_AND_ELEMENT
    metric: str = Metric.SESSIONS
    window_seconds: int = 900
    at_least: int = 5
    minimum_sessions: int = 1
    factor_percent: int = 0
    earlier_seconds: int = 0
    breaches_needed: int = 1
    breaches_among: int = 1
    severity: str = Severity.MEDIUM
    quiet_seconds: int = 3600
    minimum_exposure: int = 0


FIELDS = tuple(field.name for field in dataclass_fields(Draft))


# Starting points for a project of any size: low bounds, because a missed incident costs more trust than one to mute,
# and per element, because that is what a team can fix. Busier projects raise the numbers. Left out are the signals that
# depend on what a site is like (people go back from a list of results as a matter of course): a team asks for those.
_DEFAULTS: tuple[tuple[str, Draft], ...] = (
    # Three clicks on something that answers none of them is already a strong sign; one visitor's is worth a look.
    ("Rage clicks", Draft(signals=("rage_click",), at_least=1, severity=Severity.HIGH)),
    # One click that nothing answers is weak, people click by mistake; three visitors in an hour are not chance.
    ("Dead clicks", Draft(signals=("dead_click",), at_least=3, window_seconds=3600, severity=Severity.MEDIUM)),
    # An error that a click causes is a fault in the page, whoever meets it first.
    ("Clicks that cause errors", Draft(signals=("error_click",), at_least=1, severity=Severity.HIGH)),
    # Three failed submits of one form within two minutes: the visitor wants something and is kept from it.
    ("Forms that keep failing", Draft(signals=("form_retry",), at_least=1, severity=Severity.HIGH)),
    # Pages that send a visitor round by themselves keep him from what he came for, and will do so to the next one.
    ("Pages that go round in circles", Draft(signals=("page_loop",), at_least=1, severity=Severity.HIGH)),
    # One visitor may have his own reasons to reload; three within an hour see something that is not there yet.
    ("Pages reloaded in a row", Draft(signals=("reload_burst",), at_least=3, window_seconds=3600)),
    # A request that fails one visitor may be his network; three within an hour are the server's fault.
    ("Requests that keep failing", Draft(signals=("request_failures",), at_least=3, window_seconds=3600)),
    # An extension may break one visitor's page; three within an hour use a page that is broken.
    ("Errors that come again and again", Draft(signals=("error_burst",), at_least=3, window_seconds=3600)),
)


def problems(fields: Mapping[str, object], *, kept_days: int | None = None) -> dict[str, str]:
    """What makes no sense about a version of these fields: field name to reason, empty where all is well.

    A field that is missing or None has its default. `kept_days` is the project's retention, None where it is not known.
    Touches no database, so that a form can call it.
    """
    draft = _draft(Draft(), fields)
    found = {**_unknown_choices(draft), **_bad_signals(draft), **_bad_pattern(draft), **_bad_numbers(draft)}
    return {**found, **_bad_comparison(draft, kept_days), **_bad_verdicts(draft)}


@transaction.atomic
def save_version(
    *, threshold: Threshold, fields: Mapping[str, object], actor: User | None, at: datetime
) -> ThresholdVersion:
    """Makes a version of the current one changed by `fields`, in force from the first tick at or after `at`.

    Returns the current version where nothing changed. Two saves at once get two numbers. Raises
    SenselessThresholdError, and TypeError for a field that a version does not have.
    """
    locked = Threshold.objects.select_for_update(of=("self",)).select_related("project").get(pk=threshold.pk)
    current = locked.current_version
    draft = _draft(_of(current) if current else Draft(), fields)
    found = problems(asdict(draft), kept_days=locked.project.retention_days)
    if found:
        raise SenselessThresholdError(found)
    if current and _of(current) == draft:
        return current
    version = ThresholdVersion.objects.create(
        threshold=locked,
        number=current.number + 1 if current else 1,
        created_by=actor,
        # A clock that was set back must not put a version in force before the one it follows.
        created_at=max(at, current.created_at) if current else at,
        **{**asdict(draft), "signals": list(draft.signals)},
    )
    locked.current_version = version
    locked.save(update_fields=["current_version"])
    threshold.current_version = version
    return version


def draft_version(
    current: ThresholdVersion, fields: Mapping[str, object], *, kept_days: int | None = None
) -> ThresholdVersion:
    """The version that saving `fields` over `current` would make, not saved. Its number is that of the next one.

    `current` itself where nothing would change. `kept_days` as for `problems`. Raises SenselessThresholdError, and
    TypeError for an unknown field.
    """
    draft = _draft(_of(current), fields)
    found = problems(asdict(draft), kept_days=kept_days)
    if found:
        raise SenselessThresholdError(found)
    if _of(current) == draft:
        return current
    return ThresholdVersion(
        threshold_id=current.threshold_id,
        # No row has this id: a rule that names it can belong to no saved verdict.
        pk=0,
        number=current.number + 1,
        **{**asdict(draft), "signals": list(draft.signals)},
    )


def create_defaults(project: Project, actor: User | None) -> list[Threshold]:
    """Gives a new project its starting thresholds. A name that the project has already is left alone."""
    made: list[Threshold] = []
    now = clock.now()
    for name, draft in _DEFAULTS:
        threshold, new = Threshold.objects.get_or_create(project=project, name=name)
        if new:
            save_version(threshold=threshold, fields=asdict(draft), actor=actor, at=now)
            made.append(threshold)
    return made


def _of(version: ThresholdVersion) -> Draft:
    return _draft(Draft(), {name: getattr(version, name) for name in FIELDS})


def _draft(base: Draft, fields: Mapping[str, object]) -> Draft:
    """`base` with `fields` in place. Raises TypeError for a field that a version does not have."""
    changed: dict[str, Any] = {name: _tidied(value) for name, value in fields.items() if value is not None}
    return replace(base, **changed)


def _tidied(value: object) -> object:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple | set | frozenset):
        # Signals: a set in a fixed order, because the order in which boxes were ticked is no change.
        return tuple(sorted(set(value)))
    return value


def _unknown_choices(draft: Draft) -> dict[str, str]:
    choices = (
        ("group_by", draft.group_by, list(GroupBy.values)),
        ("metric", draft.metric, list(Metric.values)),
        ("severity", draft.severity, list(Severity.values)),
        ("device", draft.device, ["", *DEVICES]),
    )
    return {
        field: f"“{value}” is not one of {', '.join(filter(None, known))}."
        for field, value, known in choices
        if value not in known
    }


def _bad_signals(draft: Draft) -> dict[str, str]:
    if not draft.signals:
        return {"signals": "Choose at least one signal: without one there is nothing to count."}
    known = {definition.name for definition in DEFINITIONS}
    unknown = sorted(set(draft.signals) - known)
    if unknown:
        return {"signals": f"“{unknown[0]}” is no signal. Known are {', '.join(sorted(known))}."}
    return {}


def _bad_pattern(draft: Draft) -> dict[str, str]:
    reason = never_fits(draft.route_pattern)
    return {"route_pattern": reason} if reason else {}


def _bad_numbers(draft: Draft) -> dict[str, str]:
    found: dict[str, str] = {}
    if not _SHORTEST_WINDOW <= draft.window_seconds <= _LONGEST_WINDOW:
        found["window_seconds"] = "The window must be between 1 minute and 24 hours."
    elif draft.window_seconds % _GRID:
        found["window_seconds"] = "The window must be a multiple of 10 seconds, which is how often it is evaluated."
    if draft.at_least < 1:
        found["at_least"] = "The bound must be at least 1: “at least 0” is always reached."
    elif draft.metric == Metric.SHARE and draft.at_least > PER_MILLE:
        found["at_least"] = "A share is given in sessions of every 1,000, so there are at most 1,000: 50 is 5 %."
    if draft.minimum_sessions < 1:
        found["minimum_sessions"] = "The minimum must be at least 1 session."
    elif draft.minimum_sessions > draft.at_least >= 1 and draft.metric in {Metric.SESSIONS, Metric.SIGNALS}:
        # Every signal has a session: with 10 sessions there are 10 signals, so a bound of 5 never decides anything.
        found["minimum_sessions"] = (
            f"A minimum of {draft.minimum_sessions} sessions makes the bound of {draft.at_least} {draft.metric} "
            f"meaningless: it is reached long before. Lower the minimum or raise the bound."
        )
    if not _SHORTEST_QUIET <= draft.quiet_seconds <= _LONGEST_QUIET:
        found["quiet_seconds"] = "The quiet time must be between 1 minute and 7 days."
    if not 0 <= draft.minimum_exposure <= _MOST_EXPOSURE:
        found["minimum_exposure"] = f"Between 0, which asks for nobody, and {_MOST_EXPOSURE:,} sessions."
    return found


def _bad_comparison(draft: Draft, kept_days: int | None) -> dict[str, str]:
    if not draft.factor_percent:
        reason = "Say how many percent of the earlier number it takes, or compare with nothing."
        return {"factor_percent": reason} if draft.earlier_seconds else {}
    if not _LEAST_FACTOR <= draft.factor_percent <= _MOST_FACTOR:
        return {
            "factor_percent": f"Between {_LEAST_FACTOR} (as many as then) and {_MOST_FACTOR:,} percent; 200 is twice."
        }
    if draft.earlier_seconds % _GRID:
        return {"earlier_seconds": "The time must be a multiple of 10 seconds, which is how often it is evaluated."}
    if draft.earlier_seconds < draft.window_seconds:
        return {"earlier_seconds": "Say with when to compare: before the window, so no less than its own length."}
    if draft.earlier_seconds > _LONGEST_EARLIER:
        return {"earlier_seconds": "Compare with 7 days before at most."}
    # Where signals are gone the number then is lower than it was, and everything looks like a rise.
    if kept_days is not None and draft.earlier_seconds + draft.window_seconds > kept_days * 86_400:
        return {"earlier_seconds": f"The project keeps events for {kept_days} days only: compare with a shorter time."}
    return {}


def _bad_verdicts(draft: Draft) -> dict[str, str]:
    if not 1 <= draft.breaches_among <= _MOST_VERDICTS:
        return {"breaches_among": f"Between 1 and {_MOST_VERDICTS} verdicts, which is an hour of them."}
    if not 1 <= draft.breaches_needed <= draft.breaches_among:
        return {"breaches_needed": f"Between 1 and the {draft.breaches_among} verdicts that are looked at."}
    return {}
