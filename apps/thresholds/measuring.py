"""Reading for a tick: three queries a shard, two of signals and one of presences, however many thresholds it has.

A failed query raises. The tick then fails as a whole and is retried from the same point, in order, once ClickHouse is
back: to go on with some groups unmeasured would take "unknown" for "clear" and lose what changed in them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from apps.clickhouse import client
from apps.thresholds import audiences
from apps.thresholds.audiences import Wanted
from apps.thresholds.evaluation import Grouping, Metric, Rule
from apps.thresholds.exposure import Audience, audience_of
from apps.thresholds.matching import Traits
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.targets import Change, RulesByProject, Target
from apps.thresholds.windows import GRID_MS, Point

# Events are evaluated up to 7 days late, and the signal they change may begin up to 24 h (a session) before them; the
# ninth day is for the clocks. No signal older than this changes any more.
HORIZON_MS = 9 * 24 * 3_600_000

_FOLDER = Path(__file__).parent
_CHANGED_SQL = (_FOLDER / "changed_signals.sql").read_text()
_IN_WINDOWS_SQL = (_FOLDER / "signals_in_windows.sql").read_text()
# A tick that needs more memory is a fault to look at, not a reason to take it from everything else. The query's text
# names the projects that changed: 64 MiB of it are some million of them.
_LIMITS = {"max_memory_usage": 2_000_000_000, "max_query_size": 64 * 2**20}


@dataclass(frozen=True)
class Tick:
    """One tick of the projects with project_id % shards = shard. `since_ms` is as_of of the tick before it."""

    shard: int
    shards: int
    since_ms: int
    as_of_ms: int

    def params(self) -> dict[str, int]:
        """The tick as the queries' parameters."""
        return {
            "shard": self.shard,
            "shards": self.shards,
            "since_ms": self.since_ms,
            "as_of_ms": self.as_of_ms,
            "horizon_ms": self.as_of_ms - HORIZON_MS,
            "grid_ms": GRID_MS,
        }


def rule_of(version: ThresholdVersion) -> Rule:
    """The version as the pure functions take it. Its choices are held by the database, so the casts are safe."""
    return Rule(
        threshold_id=version.threshold_id,
        version_id=version.pk,
        version=version.number,
        signals=tuple(sorted(version.signals)),
        group_by=cast("Grouping", version.group_by),
        metric=cast("Metric", version.metric),
        window_ms=version.window_seconds * 1000,
        at_least=version.at_least,
        minimum_sessions=version.minimum_sessions,
        route_pattern=version.route_pattern,
        element_pattern=version.element_pattern,
        environment=version.environment,
        release=version.release,
        device=version.device,
        factor_percent=version.factor_percent,
        earlier_ms=version.earlier_seconds * 1000,
        breaches_needed=version.breaches_needed,
        breaches_among=version.breaches_among,
    )


def changes(tick: Tick) -> list[Change]:
    """What the tick has to look at. Raises ClickHouseUnavailableError, QueryFailedError."""
    rows = client.query(_CHANGED_SQL, tick.params(), limits=_LIMITS)
    return [
        Change(project_id, Traits(*traits), tuple(sorted(cells)), retracted=bool(any_retracted), written=written)
        for project_id, *traits, cells, any_retracted, written in rows
    ]


def points(
    tick: Tick, targets: Iterable[Target], rules: RulesByProject, *, fresh: frozenset[int]
) -> Iterator[tuple[int, Traits, Point]]:
    """The points inside the targets' windows, with project and traits, in no order.

    Of projects with a threshold in `fresh` it reads the longest window whole. Raises ClickHouseUnavailableError,
    QueryFailedError.
    """
    scope = _scope(tick, targets, rules, fresh)
    if not scope.from_ms:
        return
    projects = sorted(scope.from_ms)
    rows = client.query(
        _IN_WINDOWS_SQL,
        {
            **tick.params(),
            "projects": projects,
            "projects_from_ms": [scope.from_ms[project_id] for project_id in projects],
            "from_ms": min(scope.from_ms.values()),
            "kinds": sorted(scope.kinds),
            # 0 is no project's id: ClickHouse cannot tell the type of an empty list.
            "whole": sorted(scope.whole | {0}),
            "by_route": sorted(scope.by_route | {0}),
            "by_element": sorted(scope.by_element | {0}),
            "by_both": sorted(scope.by_both | {0}),
            "also": sorted(scope.also) or [(0, "", "")],
        },
        limits=_LIMITS,
    )
    for project_id, kind, route, element, environment, release, device, cell_ms, session_id, user_id, *counts in rows:
        signals, clicks, label, detail = counts
        yield (
            project_id,
            Traits(kind, route, element, environment, release, device),
            Point(cell_ms, kind, session_id, user_id, signals, clicks, route, element, label, detail, release),
        )


def expose(targets: Iterable[Target], *, as_of_ms: int) -> None:
    """Gives the targets that judge a share the sessions that it is of.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    shares: defaultdict[tuple[Audience, int], list[Target]] = defaultdict(list)
    for target in targets:
        if target.rule.metric == "share":
            audience = audience_of(target.rule, target.project_id, target.group)
            shares[audience, target.rule.window_ms].append(target)
    wanted = {
        (audience, window_ms): Wanted(
            audience, [stretch for each in alike for stretch in each.stretches(as_of_ms=as_of_ms)], window_ms
        )
        for (audience, window_ms), alike in shares.items()
    }
    for key, exposure in audiences.exposures(wanted, as_of_ms=as_of_ms).items():
        for target in shares[key]:
            target.exposure = exposure


class _Scope:
    """Which projects are read from when on, and at which level of grouping."""

    def __init__(self) -> None:
        self.from_ms: dict[int, int] = {}
        self.kinds: set[str] = set()
        self.whole: set[int] = set()
        self.by_route: set[int] = set()
        self.by_element: set[int] = set()
        self.by_both: set[int] = set()
        # (project, route, element) of groups to read although the tick changed nothing in them.
        self.also: set[tuple[int, str, str]] = set()

    def read(self, project_id: int, *, from_ms: int, kinds: Iterable[str]) -> None:
        self.from_ms[project_id] = min(from_ms, self.from_ms.get(project_id, from_ms))
        self.kinds.update(kinds)


def _scope(tick: Tick, targets: Iterable[Target], rules: RulesByProject, fresh: frozenset[int]) -> _Scope:
    scope = _Scope()
    levels = {
        "nothing": scope.whole,
        "route": scope.by_route,
        "element": scope.by_element,
        "route_element": scope.by_both,
    }
    for target in targets:
        scope.read(target.project_id, from_ms=target.from_ms(), kinds=target.rule.signals)
        levels[target.rule.group_by].add(target.project_id)
        if not target.touched:
            group = dict(target.group)
            scope.also.add((target.project_id, group.get("route", ""), group.get("element", "")))
    for project_id, project_rules in rules.items():
        for rule in project_rules:
            if rule.threshold_id in fresh:
                scope.read(project_id, from_ms=tick.as_of_ms - rule.lag_ms - rule.reach_ms, kinds=rule.signals)
                scope.whole.add(project_id)
    return scope
