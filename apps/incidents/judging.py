"""Judging a tick: from what changed to incidents and their transitions. Runs inside the tick's transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.incidents import attribution, foreseen, recording, sentences, widening
from apps.incidents.lifecycle import Action, Finding, Policy, decide, fingerprint
from apps.incidents.models import Incident, State
from apps.incidents.people import People
from apps.incidents.recording import Recorded, Subject
from apps.incidents.schedule import SETTLE_MS
from apps.incidents.widening import InForce, group_of_row
from apps.projects.shards import of_shard
from apps.thresholds import measuring
from apps.thresholds.evaluation import Rule
from apps.thresholds.exposure import audience_of
from apps.thresholds.measuring import Tick, rule_of
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.targets import Target, distribute, plan
from apps.thresholds.windows import held

SWITCHED_OFF = "The threshold was switched off, so nothing measures this any more."
REGROUPED = "The threshold counts by other groups now, so nothing measures this one any more."


@dataclass
class Judged:
    """What a tick did: signals written by kind, and the incidents that opened or reopened, each with its main kind."""

    signals: Counter[str] = field(default_factory=Counter)
    opened: list[tuple[Incident, str]] = field(default_factory=list)


def judge_tick(tick: Tick) -> Judged:
    """Judges every window whose content the tick changed, and writes what follows from it.

    Raises ClickHouseUnavailableError, QueryFailedError; nothing is written then.
    """
    as_of = clock.from_ms(tick.as_of_ms)
    changes = measuring.changes(tick)
    timed = list(_changed_by_time(tick, as_of))
    due = foreseen.due(tick)
    late = widening.late_sessions(tick)
    projects = {change.project_id for change in changes} | {each.project_id for each in due}
    projects |= {incident.project_id for incident in (*timed, *late.incidents)}
    in_force = _in_force(tick, projects, as_of)
    targets = plan(changes, in_force.rules, as_of_ms=tick.as_of_ms)
    widening.look_at_due(targets, due, in_force, as_of_ms=tick.as_of_ms)
    regrouped = widening.widen_to_incidents(targets, in_force, late, as_of_ms=tick.as_of_ms)
    points = measuring.points(tick, list(targets.values()), in_force.rules, fresh=in_force.fresh)
    distribute(points, in_force.rules, targets, fresh=in_force.fresh, as_of_ms=tick.as_of_ms)
    measuring.expose(targets.values(), as_of_ms=tick.as_of_ms)

    judged = Judged()
    for change in changes:
        judged.signals[change.traits.kind] += change.written
    by_fingerprint = {
        fingerprint(each.project_id, each.rule.threshold_id, each.group): each for each in targets.values()
    }
    locked = _lock(by_fingerprint, [incident.pk for incident in (*timed, *regrouped)])
    people = People(timed, in_force.versions, as_of_ms=tick.as_of_ms)
    recorded: list[Recorded] = []
    ahead_ms: dict[UUID, int | None] = {}
    for of_fingerprint, target in by_fingerprint.items():
        version = in_force.versions[target.rule.threshold_id]
        group = _Group(target, of_fingerprint, version, locked.pop(of_fingerprint, None))
        result = _judge(group, as_of, people)
        ahead_ms[of_fingerprint] = result.ahead_ms
        if result.entry:
            recorded.append(result.entry)
        if result.entry and result.kind:
            judged.opened.append((result.entry.incident, result.kind))
    gone = {incident.pk for incident in regrouped}
    for incident in locked.values():
        in_force_of = in_force.versions.get(incident.threshold_id)
        recorded += _let_time_pass(incident, in_force_of, incident.pk in gone, as_of, people)
    attribution.attribute(recorded, arrived_before_ms=tick.as_of_ms - SETTLE_MS)
    recording.store(recorded)
    foreseen.note(ahead_ms, by_fingerprint, tick=tick, fresh=in_force.fresh)
    return judged


def _changed_by_time(tick: Tick, as_of: datetime) -> QuerySet[Incident]:
    """Unresolved incidents whose quiet time or mute is over by now, and those whose threshold was switched off."""
    incidents = Incident.objects.filter(of_shard(tick.shard, tick.shards)).with_next_change(as_of)
    return incidents.filter(Q(changes_at__lte=as_of) | Q(measured=False))


def _in_force(tick: Tick, project_ids: set[int], as_of: datetime) -> InForce:
    """The rules of these projects, and of those in which a version came into force at this tick."""
    versions = ThresholdVersion.objects.of_shard(tick.shard, tick.shards)
    saved = versions.saved_in(clock.from_ms(tick.since_ms), as_of)
    fresh = dict(saved.values_list("threshold_id", "threshold__project_id"))
    of_projects = versions.filter(threshold__project_id__in=project_ids | set(fresh.values()))
    rules: defaultdict[int, list[Rule]] = defaultdict(list)
    by_threshold: dict[int, ThresholdVersion] = {}
    for version in of_projects.in_force(as_of).select_related("threshold"):
        by_threshold[version.threshold_id] = version
        rules[version.threshold.project_id].append(rule_of(version))
    return InForce(by_threshold, dict(rules), frozenset(fresh))


def _lock(fingerprints: Iterable[UUID], also: Sequence[UUID]) -> dict[UUID, Incident]:
    """By fingerprint the incident that decides, and those of `also`, locked until the tick commits.

    In order of id: people's actions lock one row each, so nobody waits in a circle.
    """
    deciding = Incident.objects.filter(fingerprint__in=list(fingerprints)).with_latest_first()
    ids = {*deciding.distinct("fingerprint").values_list("pk", flat=True), *also}
    locked = Incident.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {incident.fingerprint: incident for incident in locked}


@dataclass(frozen=True)
class _Result:
    """What came of judging a group: what to write, its main kind of signal where it opens, and when to look again."""

    entry: Recorded | None
    kind: str
    ahead_ms: int | None


@dataclass(frozen=True)
class _Group:
    """A group to judge, by its version, and the incident that decides, if there is one."""

    target: Target
    fingerprint: UUID
    version: ThresholdVersion
    current: Incident | None


def _judge(group: _Group, as_of: datetime, people: People) -> _Result:
    """What the judgement of the group does to its incident."""
    target, version, current = group.target, group.version, group.current
    as_of_ms = clock.to_ms(as_of)
    before = recording.snapshot(current) if current else None
    settled_before_ms = before.settled_before_ms if before else 0
    judgement = target.judge(as_of_ms=as_of_ms, settled_before_ms=settled_before_ms)
    ahead_ms = judgement.ahead_ms + target.rule.lag_ms if judgement.ahead_ms is not None else None
    counted = target.counted(settled_before_ms=settled_before_ms) if before and before.muted_release else ()
    releases = frozenset(point.release for point in counted)
    finding = Finding(judgement, target.coverage, retracted=target.retracted, releases=releases)
    outcome = decide(
        before,
        finding,
        policy_of(version),
        as_of_ms,
        seen_since=lambda since_ms: people.since(audience_of(target.rule, target.project_id, target.group), since_ms),
    )
    subject, sentence, kind, release = None, "", "", ""
    if outcome.peak:
        points = held(
            target.counted(settled_before_ms=settled_before_ms),
            end_ms=outcome.peak.window_end_ms,
            window_ms=target.rule.window_ms,
        )
        found = sentences.facts(points)
        sentence = sentences.opening(target.rule, outcome.peak, target.group, found)
        label = {"label": found.label} if "element" in dict(target.group) else {}
        subject = Subject(target.project_id, group.fingerprint, {**dict(target.group), **label}, version)
        if outcome.action in {Action.OPEN, Action.REOPEN}:
            kind, release = found.main_kind, found.release
    if outcome.action is Action.OPEN and subject and outcome.peak:
        opened = recording.open_new(subject, outcome, verdict=outcome.peak, sentence=sentence, at=as_of)
        return _Result(replace(opened, release=release), kind, ahead_ms)
    if current is None:
        return _Result(None, "", ahead_ms)
    entry = recording.advance(current, outcome, at=as_of, subject=subject, sentence=sentence)
    return _Result(replace(entry, release=release) if entry else None, kind, ahead_ms)


def _let_time_pass(
    incident: Incident, version: ThresholdVersion | None, regrouped: bool, as_of: datetime, people: People
) -> list[Recorded]:
    """What time, or the lack of a rule, does to an incident of which no signal changed."""
    if incident.state == State.RESOLVED:
        # Somebody resolved it between our look and our lock.
        return []
    if version is None or regrouped:
        return [recording.resolve_unmeasured(incident, reason=REGROUPED if version else SWITCHED_OFF, at=as_of)]
    audience = audience_of(rule_of(version), incident.project_id, group_of_row(incident.group))
    outcome = decide(
        recording.snapshot(incident),
        None,
        policy_of(version),
        clock.to_ms(as_of),
        seen_since=lambda since_ms: people.since(audience, since_ms),
    )
    entry = recording.advance(incident, outcome, at=as_of)
    return [entry] if entry else []


def policy_of(version: ThresholdVersion) -> Policy:
    """What the version asks for beyond its rule: how its incidents resolve."""
    return Policy(quiet_ms=version.quiet_seconds * 1000, minimum_exposure=version.minimum_exposure)
