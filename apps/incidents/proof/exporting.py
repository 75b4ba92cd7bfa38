"""Exporting an incident's proof from the databases.

Two exports of one incident are the same to the byte, for as long as its events are stored.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from apps.clickhouse import client
from apps.core import clock
from apps.detection import settings as signal_settings
from apps.detection import store
from apps.detection.catalog import by_name
from apps.detection.hiding import Hiding
from apps.detection.interactions import Event, first_copies
from apps.detection.models import ParameterVersion, Suppression
from apps.detection.scope import AHEAD_MS, MARGIN_MS, SESSION_MS
from apps.incidents.models import Incident, State
from apps.incidents.proof.document import FORMAT, Opening, Proof, UsedDefinition, to_bytes
from apps.incidents.proof.recomputing import counted_signals, is_of, sentence_of, stretches
from apps.incidents.proof.verifying import first_difference
from apps.thresholds import audiences
from apps.thresholds.audiences import Wanted
from apps.thresholds.evaluation import Rule, Verdict, from_json
from apps.thresholds.exposure import Seen, audience_of
from apps.thresholds.matching import Group, Traits, group_keys
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import ThresholdVersion

_SESSIONS_SQL = (Path(__file__).parent / "sessions.sql").read_text()
# A file of some 20 MB, which verifies in less than 5 s. Only the windows of very busy projects hold more.
MOST_EVENTS = 50_000


class NoProofError(Exception):
    """The incident cannot be proved. The message says why, to a person."""


def export(incident: Incident) -> bytes:
    """The file that proves that `incident` had to open, verified.

    Raises NoProofError where its events are too many, or no longer stored as the tick saw them;
    ClickHouseUnavailableError, QueryFailedError.
    """
    verdict = from_json(incident.opening)
    version = ThresholdVersion.objects.select_related("threshold").get(
        threshold_id=incident.threshold_id, number=verdict.version
    )
    rule = rule_of(version)
    group = tuple((key, str(incident.group[key])) for key in group_keys(rule.group_by))
    definitions = _definitions(rule, incident.project_id, clock.from_ms(verdict.as_of_ms))
    hidings = _hidings(incident.project_id, clock.from_ms(verdict.as_of_ms))
    settled_before_ms = _settled_before_ms(incident)
    events = _events(incident, rule=rule, group=group, verdict=verdict)
    signals = counted_signals(
        events,
        definitions,
        rule=rule,
        group=group,
        window_end_ms=verdict.window_end_ms,
        settled_before_ms=settled_before_ms,
        hidings=hidings,
        as_of_ms=verdict.as_of_ms,
    )
    showing = {signal.session_id for signal in signals}
    proof = Proof(
        format=FORMAT,
        opening=Opening(
            incident_id=str(incident.pk),
            fingerprint=str(incident.fingerprint),
            project_id=incident.project_id,
            group=group,
            opened_ms=clock.to_ms(incident.opened_at),
            settled_before_ms=settled_before_ms,
            sentence=sentence_of(signals, rule=rule, group=group, verdict=verdict, settled_before_ms=settled_before_ms),
        ),
        threshold=version.threshold.name,
        rule=rule,
        definitions=definitions,
        settle_ms=_settle_ms(),
        events=tuple(event for event in events if event.session_id in showing),
        signals=tuple(signals),
        verdict=verdict,
        hidings=hidings,
        presences=_presences(incident, rule=rule, group=group, verdict=verdict),
    )
    difference = first_difference(proof)
    if difference:
        raise NoProofError(
            "The stored events no longer give the verdict that opened this incident. Their retention may have ended, "
            f"or a signal's definition changed since. The first difference: {difference}"
        )
    return to_bytes(proof)


def _definitions(rule: Rule, project_id: int, as_of: datetime) -> tuple[UsedDefinition, ...]:
    """The definitions with the parameters in force at the tick that opened the incident."""
    own = signal_settings.own_values(ParameterVersion.objects.filter(project_id=project_id).in_force(as_of).first())
    return tuple(
        UsedDefinition(name=name, version=by_name(name).version, parameters=by_name(name).values(own.get(name)))
        for name in sorted(set(rule.signals))
    )


def _hidings(project_id: int, as_of: datetime) -> tuple[Hiding, ...]:
    made = Suppression.objects.filter(project_id=project_id, created_at__lte=as_of).order_by("pk")
    return tuple(signal_settings.hiding_of(suppression) for suppression in made)


def _settled_before_ms(incident: Incident) -> int:
    """When the incident before this one was resolved, as `lifecycle.Snapshot.settled_before_ms` had it."""
    before = (
        Incident.objects.filter(fingerprint=incident.fingerprint, opened_at__lt=incident.opened_at)
        .order_by("-opened_at")
        .first()
    )
    resolved = before and before.transitions.filter(to_state=State.RESOLVED, at__lte=incident.opened_at).last()
    if not before or not resolved or resolved.at == before.retracted_at:
        return 0
    return clock.to_ms(resolved.at)


def _events(incident: Incident, *, rule: Rule, group: Group, verdict: Verdict) -> list[Event]:
    """The events, as the tick could see them, of every session that may have had a signal in the window."""
    times = stretches(rule, verdict.window_end_ms)
    rows = [
        row
        for from_ms, to_ms in times
        for row in client.query(
            _SESSIONS_SQL,
            {
                "project_id": incident.project_id,
                "from_ms": from_ms,
                "to_ms": to_ms,
                "kinds": list(rule.signals),
                "most": MOST_EVENTS,
            },
        )
    ]
    sessions = sorted({session_id for session_id, *traits in rows if is_of(Traits(*traits), rule=rule, group=group)})
    if not sessions:
        return []
    events = store.events_of(
        project_id=incident.project_id,
        sessions=sessions,
        # A signal may begin as late as its session's end, and the session a day before that.
        stored_from_ms=min(from_ms for from_ms, _ in times) - SESSION_MS - MARGIN_MS - AHEAD_MS,
        stored_to_ms=verdict.as_of_ms - _settle_ms(),
        most=MOST_EVENTS + 1,
    )
    if len(events) > MOST_EVENTS:
        raise NoProofError(f"The window holds more than {MOST_EVENTS:,} events, too many for one file.")
    return first_copies(events)


def _presences(incident: Incident, *, rule: Rule, group: Group, verdict: Verdict) -> tuple[Seen, ...]:
    """Who was there, as the tick knew, where the rule is about a share."""
    if rule.metric != "share":
        return ()
    audience = audience_of(rule, incident.project_id, group)
    wanted = Wanted(audience, stretches(rule, verdict.window_end_ms), rule.window_ms)
    try:
        found = audiences.seen(wanted, as_of_ms=verdict.as_of_ms, most=MOST_EVENTS)
    except audiences.TooManyPresencesError:
        raise NoProofError(f"The share is of more than {MOST_EVENTS:,} presences, too many for one file.") from None
    return tuple(found)


def _settle_ms() -> int:
    return int(settings.SETTLE_SECONDS * 1000)
