"""Writing incidents. The only place that sets an incident's state, always together with its Transition."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core import clock
from apps.incidents.lifecycle import Action, Outcome, Snapshot, incident_id
from apps.incidents.models import Incident, State, Transition
from apps.organizations.models import User
from apps.thresholds.evaluation import Verdict, from_json, to_json
from apps.thresholds.models import ThresholdVersion

# What an engine's outcome may change of a stored incident.
_CHANGED_BY_TICKS = [
    "version", "group", "state", "severity", "sentence", "peak", "breach_began_at", "breached_until", "reopened_at",
    "resolved_at", "retracted_at", "muted_until", "muted_level", "muted_release", "regressions", "release",
]  # fmt: skip
# Rows a statement. One statement for a storm of thousands takes longer than many for the same rows.
_BATCH = 200


@dataclass(frozen=True)
class Subject:
    """Of what an outcome is: the fingerprint with its group, and the version in force."""

    project_id: int
    fingerprint: UUID
    group: dict[str, str]
    version: ThresholdVersion


@dataclass(frozen=True)
class Mute:
    """When a mute ends at the latest; and what ends it sooner: the metric's number, a release in which it shows."""

    until: datetime
    level: int = 0
    release: str = ""


@dataclass(frozen=True)
class Recorded:
    """An incident as an outcome leaves it, not yet stored. Without a transition its state did not change.

    `release`: where it opens or reopens, the one release of all its signals; `attribution` decides what that means.
    """

    incident: Incident
    transition: Transition | None
    new: bool = False
    release: str = ""


def snapshot(incident: Incident) -> Snapshot:
    """The incident as `lifecycle` takes it."""
    opened_at = max(incident.opened_at, incident.reopened_at or incident.opened_at)
    return Snapshot(
        state=incident.state,
        opened_ms=clock.to_ms(opened_at),
        began_ms=clock.to_ms(incident.breach_began_at),
        until_ms=clock.to_ms(incident.breached_until),
        peak=from_json(incident.peak),
        resolved_ms=clock.to_ms(incident.resolved_at) if incident.resolved_at else None,
        retracted=incident.retracted_at is not None,
        muted_until_ms=clock.to_ms(incident.muted_until) if incident.muted_until else None,
        muted_level=incident.muted_level,
        muted_release=incident.muted_release,
    )


def open_new(subject: Subject, outcome: Outcome, *, verdict: Verdict, sentence: str, at: datetime) -> Recorded:
    """The incident that an OPEN outcome makes at tick `at`."""
    incident = Incident(
        id=incident_id(subject.fingerprint, clock.to_ms(at)),
        project_id=subject.project_id,
        threshold_id=subject.version.threshold_id,
        version=subject.version,
        fingerprint=subject.fingerprint,
        group=subject.group,
        state=State.OPEN,
        severity=subject.version.severity,
        sentence=sentence,
        opening=to_json(verdict),
        peak=to_json(verdict),
        opened_at=at,
        breach_began_at=clock.from_ms(outcome.began_ms),
        breached_until=clock.from_ms(outcome.until_ms),
        opened_late=outcome.late,
    )
    transition = Transition(
        incident=incident, from_state="", to_state=State.OPEN, at=at, reason=outcome.reason, verdict=to_json(verdict)
    )
    return Recorded(incident, transition, new=True)


def advance(
    incident: Incident, outcome: Outcome, *, at: datetime, subject: Subject | None = None, sentence: str = ""
) -> Recorded | None:
    """The incident as any other outcome leaves it at tick `at`; None where nothing changes.

    `subject` and `sentence` are needed where the outcome has a new peak: the sentence is about the peak.
    """
    if outcome.action in {Action.NOTHING, Action.OPEN}:
        return None
    incident.breach_began_at = clock.from_ms(outcome.began_ms)
    incident.breached_until = clock.from_ms(outcome.until_ms)
    if outcome.peak and subject:
        incident.peak = to_json(outcome.peak)
        incident.sentence = sentence
        incident.group = subject.group
    if outcome.action is Action.UPDATE:
        return Recorded(incident, None)
    if outcome.action is Action.REOPEN:
        incident.regressions += outcome.regression
        incident.reopened_at = at
        incident.release = ""
        if subject:
            incident.version = subject.version
            incident.severity = subject.version.severity
    incident.retracted_at = at if outcome.action is Action.RETRACT else None
    transition = _moved(incident, outcome.state, at=at, reason=outcome.reason, actor=None)
    transition.verdict = to_json(outcome.peak) if outcome.peak else None
    return Recorded(incident, transition)


def resolve_unmeasured(incident: Incident, *, reason: str, at: datetime) -> Recorded:
    """The incident resolved because nothing measures it any more: left open, it would stay so for ever."""
    return Recorded(incident, _moved(incident, State.RESOLVED, at=at, reason=reason, actor=None))


def store(recorded: Iterable[Recorded]) -> None:
    """Writes a tick's incidents and transitions. Call it in the transaction that locked the incidents.

    Raises IntegrityError where a fingerprint would get a second unresolved incident.
    """
    everything = list(recorded)
    opened = [each.incident for each in everything if each.new]
    changed = [each.incident for each in everything if not each.new]
    transitions = [each.transition for each in everything if each.transition]
    Incident.objects.bulk_create(opened, batch_size=_BATCH)
    Incident.objects.bulk_update(changed, _CHANGED_BY_TICKS, batch_size=_BATCH)
    Transition.objects.bulk_create(transitions, batch_size=_BATCH)


def move(
    incident: Incident,
    to_state: str,
    *,
    actor: User,
    at: datetime,
    reason: str,
    mute: Mute | None = None,
) -> Transition:
    """Stores what a person did. Call it in the transaction that locked the incident."""
    if incident.state == State.RESOLVED and to_state == State.OPEN:
        incident.reopened_at = at
        incident.retracted_at = None
    transition = _moved(incident, to_state, at=at, reason=reason, actor=actor, mute=mute)
    mute_fields = ["muted_until", "muted_level", "muted_release"]
    incident.save(update_fields=["state", "resolved_at", "reopened_at", "retracted_at", *mute_fields])
    transition.save()
    return transition


def assign(incident: Incident, assignee: User | None, *, actor: User, at: datetime, reason: str) -> Transition:
    """Stores whose the incident is now. The state stays."""
    incident.assignee = assignee
    incident.save(update_fields=["assignee"])
    return Transition.objects.create(
        incident=incident, from_state=incident.state, to_state=incident.state, at=at, actor=actor, reason=reason
    )


def _moved(
    incident: Incident,
    to_state: str,
    *,
    at: datetime,
    reason: str,
    actor: User | None,
    mute: Mute | None = None,
) -> Transition:
    transition = Transition(
        incident=incident, from_state=incident.state, to_state=to_state, at=at, actor=actor, reason=reason
    )
    incident.state = to_state
    incident.resolved_at = at if to_state == State.RESOLVED else None
    incident.muted_until = mute.until if mute else None
    incident.muted_level = mute.level if mute else 0
    incident.muted_release = mute.release if mute else ""
    return transition
