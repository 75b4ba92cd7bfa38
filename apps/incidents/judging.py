"""Judging a tick: from what changed to incidents and their transitions. Runs inside the tick's transaction."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.incidents import attribution, recording, sentences
from apps.incidents.lifecycle import Action, Finding, Policy, decide, fingerprint
from apps.incidents.models import Incident, State
from apps.incidents.recording import Recorded, Subject
from apps.incidents.schedule import SETTLE_MS
from apps.thresholds import measuring
from apps.thresholds.evaluation import Rule
from apps.thresholds.matching import Group, group_keys
from apps.thresholds.measuring import Tick, rule_of
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.targets import Coverage, Target, TargetKey, distribute, onward, plan
from apps.thresholds.windows import Ends, held

SWITCHED_OFF = "The threshold was switched off, so nothing measures this any more."
REGROUPED = "The threshold counts by other groups now, so nothing measures this one any more."


@dataclass
class Judged:
    """What a tick did: signals written by kind, and the incidents that opened or reopened, each with its main kind."""

    signals: Counter[str] = field(default_factory=Counter)
    opened: list[tuple[Incident, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _InForce:
    """The versions and rules that a tick goes by. `fresh`: thresholds whose version came into force at this tick."""

    versions: dict[int, ThresholdVersion]
    rules: dict[int, list[Rule]]
    fresh: frozenset[int]


def judge_tick(tick: Tick) -> Judged:
    """Judges every window whose content the tick changed, and writes what follows from it.

    Raises ClickHouseUnavailableError, QueryFailedError; nothing is written then.
    """
    as_of = clock.from_ms(tick.as_of_ms)
    changes = measuring.changes(tick)
    timed = list(_changed_by_time(tick, as_of))
    in_force = _in_force(
        tick, {change.project_id for change in changes} | {incident.project_id for incident in timed}, as_of
    )
    targets = plan(changes, in_force.rules)
    regrouped = _widen_to_incidents(targets, in_force, tick)
    points = measuring.points(tick, list(targets.values()), in_force.rules, fresh=in_force.fresh)
    distribute(points, in_force.rules, targets, fresh=in_force.fresh, as_of_ms=tick.as_of_ms)

    judged = Judged()
    for change in changes:
        judged.signals[change.traits.kind] += change.written
    by_fingerprint = {
        fingerprint(each.project_id, each.rule.threshold_id, each.group): each for each in targets.values()
    }
    locked = _lock(by_fingerprint, [incident.pk for incident in (*timed, *regrouped)])
    recorded: list[Recorded] = []
    for of_fingerprint, target in by_fingerprint.items():
        version = in_force.versions[target.rule.threshold_id]
        entry, kind = _judge(target, of_fingerprint, version, locked.pop(of_fingerprint, None), as_of)
        recorded += entry
        judged.opened += [(each.incident, kind) for each in entry if kind]
    gone = {incident.pk for incident in regrouped}
    for incident in locked.values():
        recorded += _let_time_pass(incident, in_force.versions.get(incident.threshold_id), incident.pk in gone, as_of)
    attribution.attribute(recorded, arrived_before_ms=tick.as_of_ms - SETTLE_MS)
    recording.store(recorded)
    return judged


def _changed_by_time(tick: Tick, as_of: datetime) -> QuerySet[Incident]:
    """Unresolved incidents whose quiet time or mute is over by now, and those whose threshold was switched off."""
    incidents = Incident.objects.of_shard(tick.shard, tick.shards).with_next_change(as_of)
    return incidents.filter(Q(changes_at__lte=as_of) | Q(threshold__enabled=False))


def _in_force(tick: Tick, project_ids: set[int], as_of: datetime) -> _InForce:
    """The rules of these projects, and of those in which a version came into force at this tick."""
    of_shard = ThresholdVersion.objects.of_shard(tick.shard, tick.shards)
    saved = of_shard.saved_in(clock.from_ms(tick.since_ms), as_of)
    fresh = dict(saved.values_list("threshold_id", "threshold__project_id"))
    versions = of_shard.in_force(as_of).filter(threshold__project_id__in=project_ids | set(fresh.values()))
    rules: defaultdict[int, list[Rule]] = defaultdict(list)
    by_threshold: dict[int, ThresholdVersion] = {}
    for version in versions.select_related("threshold"):
        by_threshold[version.threshold_id] = version
        rules[version.threshold.project_id].append(rule_of(version))
    return _InForce(by_threshold, dict(rules), frozenset(fresh) & frozenset(by_threshold))


def _widen_to_incidents(targets: dict[TargetKey, Target], in_force: _InForce, tick: Tick) -> list[Incident]:
    """Widens the targets of unresolved incidents whose past has to be judged anew, and returns those nothing measures.

    A retraction asks whether a breach remains at all: every window since the breach began. A new version asks what
    holds from now on, also for groups that nothing else touched.
    """
    retracted = {
        fingerprint(target.project_id, target.rule.threshold_id, target.group): key
        for key, target in targets.items()
        if target.retracted
    }
    concerned = Q(fingerprint__in=retracted) | Q(threshold__in=in_force.fresh)
    regrouped: list[Incident] = []
    for incident in Incident.objects.unresolved().filter(concerned):
        version = in_force.versions[incident.threshold_id]
        rule = rule_of(version)
        group = _group_of(incident)
        if tuple(key for key, _ in group) != group_keys(rule.group_by):
            regrouped.append(incident)
            continue
        target = targets.setdefault((rule.threshold_id, group), Target(incident.project_id, rule, group))
        if incident.version_id == version.pk:
            began_ms = clock.to_ms(incident.breach_began_at)
            target.widen(Ends(began_ms, onward(rule, tick.as_of_ms).last), Coverage.EPISODE)
        else:
            # Windows from before the version are not its to judge: under a stricter rule none of them would remain.
            target.widen(onward(rule, tick.as_of_ms), Coverage.ONWARD)
    return regrouped


def _group_of(incident: Incident) -> Group:
    return tuple((key, incident.group[key]) for key in group_keys("route_element") if key in incident.group)


def _lock(fingerprints: Iterable[UUID], also: Sequence[UUID]) -> dict[UUID, Incident]:
    """By fingerprint the incident that decides, and those of `also`, locked until the tick commits.

    In order of id: people's actions lock one row each, so nobody waits in a circle.
    """
    deciding = Incident.objects.filter(fingerprint__in=list(fingerprints)).with_latest_first()
    ids = {*deciding.distinct("fingerprint").values_list("pk", flat=True), *also}
    locked = Incident.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {incident.fingerprint: incident for incident in locked}


def _judge(
    target: Target, of_fingerprint: UUID, version: ThresholdVersion, current: Incident | None, as_of: datetime
) -> tuple[list[Recorded], str]:
    """What the target's judgement does to its incident, and the main kind of signal where it opens or reopens one."""
    as_of_ms = clock.to_ms(as_of)
    before = recording.snapshot(current) if current else None
    settled_before_ms = before.settled_before_ms if before else 0
    judgement = target.judge(as_of_ms=as_of_ms, settled_before_ms=settled_before_ms)
    outcome = decide(before, Finding(judgement, target.coverage), policy_of(version), as_of_ms)
    subject, sentence, kind, release = None, "", "", ""
    if outcome.peak:
        points = held(
            target.counted(settled_before_ms=settled_before_ms),
            end_ms=outcome.peak.window_end_ms,
            window_ms=target.rule.window_ms,
        )
        found = sentences.facts(points)
        sentence = sentences.opening(target.rule, outcome.peak, target.group, found)
        group = {**dict(target.group), **({"label": found.label} if "element" in dict(target.group) else {})}
        subject = Subject(target.project_id, of_fingerprint, group, version)
        if outcome.action in {Action.OPEN, Action.REOPEN}:
            kind, release = found.main_kind, found.release
    if outcome.action is Action.OPEN and subject and outcome.peak:
        opened = recording.open_new(subject, outcome, verdict=outcome.peak, sentence=sentence, at=as_of)
        return [replace(opened, release=release)], kind
    if current is None:
        return [], ""
    entry = recording.advance(current, outcome, at=as_of, subject=subject, sentence=sentence)
    return ([replace(entry, release=release)] if entry else []), kind


def _let_time_pass(
    incident: Incident, version: ThresholdVersion | None, regrouped: bool, as_of: datetime
) -> list[Recorded]:
    """What time, or the lack of a rule, does to an incident of which no signal changed."""
    if incident.state == State.RESOLVED:
        # Somebody resolved it between our look and our lock.
        return []
    if version is None or regrouped:
        return [recording.resolve_unmeasured(incident, reason=REGROUPED if version else SWITCHED_OFF, at=as_of)]
    outcome = decide(recording.snapshot(incident), None, policy_of(version), clock.to_ms(as_of))
    entry = recording.advance(incident, outcome, at=as_of)
    return [entry] if entry else []


def policy_of(version: ThresholdVersion) -> Policy:
    """What the version asks for beyond its rule: how its incidents resolve."""
    return Policy(quiet_ms=version.quiet_seconds * 1000)
