"""Reading who was there at all: a query for all audiences of a tick, however many projects and thresholds it has.

Every function raises ClickHouseUnavailableError, QueryFailedError.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from apps.clickhouse import client
from apps.clickhouse.composing import composed
from apps.thresholds.exposure import LATE_AFTER_MS, Audience, Exposure, Levels, Seen
from apps.thresholds.windows import GRID_MS, NEVER_MS, Step

# The SQL of a file here, with its parts.
_sql = partial(composed, Path(__file__).parent)
# As in `measuring`: the query's text names the audiences.
_LIMITS = {"max_memory_usage": 2_000_000_000, "max_query_size": 64 * 2**20}
# Rows of late sessions in a backtest or a proof. Each takes about 0.2 KB here.
MOST_LATE = 500_000

Key = TypeVar("Key")


class TooManyPresencesError(Exception):
    """There is more than can be read at once."""

    def __init__(self) -> None:
        super().__init__("Too much of what happened in this time arrived late. Choose a shorter one.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An audience, the stretches of time in which to look for it (half-open, ms), and the length of the windows."""

    audience: Audience
    stretches: Sequence[tuple[int, int]]
    window_ms: int = 0


@dataclass(frozen=True, slots=True)
class LatePresences:
    """Presences of the same traits that a tick first knew of, after windows that hold their cells were judged."""

    project_id: int
    route: str
    environment: str
    release: str
    device: str
    cells: tuple[int, ...]

    def are_of(self, audience: Audience) -> bool:
        """Whether they count for the audience."""
        return self.project_id == audience.project_id and audience.holds(
            route=self.route, environment=self.environment, release=self.release, device=self.device
        )


def exposures(wanted: Mapping[Key, Wanted], *, as_of_ms: int) -> dict[Key, Exposure]:
    """What the tick `as_of_ms` knows of each audience's sessions."""
    # Nothing is late that a tick itself reads: it knows what it knows.
    return _exposures(wanted, until_ms=as_of_ms, late_after_ms=NEVER_MS)


def exposure_history(wanted: Mapping[Key, Wanted], *, until_ms: int) -> dict[Key, Exposure]:
    """What the ticks up to `until_ms` knew of each audience's sessions. Raises TooManyPresencesError too."""
    return _exposures(wanted, until_ms=until_ms, late_after_ms=LATE_AFTER_MS)


def seen(wanted: Wanted, *, as_of_ms: int, most: int = MOST_LATE) -> list[Seen]:
    """Every presence of one audience that the tick knew, in order. Raises TooManyPresencesError too."""
    # Nothing is so early that it would not be listed.
    return list(_exposures({0: wanted}, until_ms=as_of_ms, late_after_ms=-NEVER_MS, most=most)[0].late)


def first_seen(wanted: Mapping[Key, Wanted], *, until_ms: int, most: int) -> dict[Key, list[int]]:
    """Of each audience's sessions the ticks up to `until_ms` that first knew of them, in order, the first `most`."""
    rows = _query("first_seen.sql", wanted, until_ms=until_ms, most=most)
    keys = list(wanted)
    return {key: [] for key in wanted} | {keys[number]: list(ticks) for number, ticks in rows}


def late_this_tick(projects: Iterable[int], *, as_of_ms: int, horizon_ms: int) -> list[LatePresences]:
    """What the tick first knew of windows that were judged before it."""
    ids = sorted(set(projects))
    if not ids:
        return []
    rows = client.query(
        _sql("late_this_tick.sql"),
        {
            "projects": ids,
            "as_of_ms": as_of_ms,
            "horizon_ms": horizon_ms,
            # The last cell of which the first window was judged before this tick ends where that window does.
            "late_before_ms": as_of_ms - LATE_AFTER_MS,
        },
        limits=_LIMITS,
    )
    return [
        LatePresences(project_id, route, environment, release, device, tuple(sorted(cells)))
        for project_id, route, environment, release, device, cells in rows
    ]


def _exposures(
    wanted: Mapping[Key, Wanted], *, until_ms: int, late_after_ms: int, most: int = MOST_LATE
) -> dict[Key, Exposure]:
    rows = _query("exposure.sql", wanted, until_ms=until_ms, late_after_ms=late_after_ms, limit=most + 1)
    keys = list(wanted)
    steps: defaultdict[Key, list[Step]] = defaultdict(list)
    late: defaultdict[Key, list[Seen]] = defaultdict(list)
    for number, session_id, at_ms, first_known_ms, change in rows:
        if session_id:
            late[keys[number]].append(Seen(session_id, at_ms, first_known_ms))
        else:
            steps[keys[number]].append(Step(at_ms, change))
    if sum(map(len, late.values())) > most:
        raise TooManyPresencesError
    return {key: Exposure(Levels(steps[key]), tuple(sorted(late[key]))) for key in wanted}


def _query(name: str, wanted: Mapping[Key, Wanted], *, until_ms: int, **params: int) -> list[tuple]:  # type: ignore[type-arg]
    asked = [
        (number, *_filters(each.audience), from_ms, to_ms, each.window_ms)
        for number, each in enumerate(wanted.values())
        for from_ms, to_ms in each.stretches
    ]
    if not asked:
        return []
    presences = _sql("presences_asked.sql", asked=_sql("asked.sql"))
    return client.query(
        _sql(name, presences=presences),
        {
            "asked": asked,
            "projects": sorted({each.audience.project_id for each in wanted.values()}),
            "from_ms": min(from_ms for each in wanted.values() for from_ms, _ in each.stretches),
            "before_ms": max(to_ms for each in wanted.values() for _, to_ms in each.stretches),
            "to_ms": until_ms,
            "grid_ms": GRID_MS,
            **params,
        },
        limits=_LIMITS,
    )


def _filters(audience: Audience) -> tuple[int, int, str, str, str, str]:
    one_route = audience.route is not None
    route = audience.route if audience.route is not None else like(audience.route_pattern)
    return audience.project_id, int(one_route), route, audience.environment, audience.release, audience.device


def like(pattern: str) -> str:
    """`patterns.matches` as a LIKE pattern."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%") if pattern else "%"
