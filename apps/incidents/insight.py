"""What an incident's page says beyond its row: the measure over time, and who was affected.

One query brings the incident's signals; the rest is the pure functions that also decided to open it (apps.thresholds),
so that the chart and the verdict cannot disagree.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from apps.clickhouse import client
from apps.clickhouse.client import ClickHouseError, QueryFailedError
from apps.core import clock
from apps.incidents.models import Incident, State
from apps.incidents.widening import group_of_row
from apps.thresholds import audiences
from apps.thresholds.audiences import Wanted
from apps.thresholds.evaluation import Rule, metric_value
from apps.thresholds.exposure import NOBODY, Exposure, audience_of
from apps.thresholds.matching import Traits, counts
from apps.thresholds.measuring import rule_of
from apps.thresholds.windows import GRID_MS, Ends, Point, cell_after, cell_of, slide

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_SIGNALS = (_HERE / "insight_signals.sql").read_text()
_SESSION = (_HERE / "insight_session.sql").read_text()
_LIMITS = {"max_execution_time": 8}
# Signals read for one page. Beyond it the page says that it shows the first ones.
MOST_SIGNALS = 20_000
# An incident left open for months is shown from its beginning for this long.
_LONGEST = timedelta(days=30)
# Points on the chart: about one for every 8 px of a desktop's width.
_CHART_POINTS = 120
_SESSIONS_SHOWN = 10


@dataclass(frozen=True)
class Moment:
    """One signal of the incident."""

    ts_ms: int
    kind: str
    session_id: str
    user_id: str
    route: str
    element: str
    label: str
    environment: str
    release: str
    device: str
    count: int
    detail: str


@dataclass(frozen=True)
class Share:
    """How many sessions had a trait: a device, a release, a route."""

    name: str
    sessions: int
    percent: int


@dataclass(frozen=True)
class AffectedSession:
    """A session with signals of the incident. `clicks` sums the signals' counts."""

    session_id: str
    user_id: str
    device: str
    began_at: datetime
    signals: int
    clicks: int

    @property
    def began_ms(self) -> int:
        """When its first signal happened, for the link to its timeline."""
        return clock.to_ms(self.began_at)


@dataclass(frozen=True)
class Trait:
    """A trait of the affected sessions, and its most frequent values."""

    title: str
    shares: Sequence[Share]


@dataclass(frozen=True)
class Affected:
    """Who met the trouble. `people` are identified users plus the sessions without one."""

    sessions: int
    people: int
    users: int
    signals: int
    clicks: int
    first_at: datetime | None
    last_at: datetime | None
    traits: Sequence[Trait]
    samples: Sequence[AffectedSession]


@dataclass(frozen=True)
class Measured:
    """The rule's number over time: at each end (ms since 1970), the highest since the end before."""

    ends_ms: Sequence[int]
    values: Sequence[int]


@dataclass(frozen=True)
class Insight:
    """Everything that the incident's page reads from the event store."""

    rule: Rule
    measured: Measured
    affected: Affected
    cut: bool


@dataclass(frozen=True)
class SessionSignal:
    """A signal of one session, with its events as (page view id, n)."""

    kind: str
    at: datetime
    label: str
    route: str
    count: int
    detail: str
    events: Sequence[tuple[str, int]]


def read(incident: Incident, *, now: datetime) -> Insight:
    """The incident by the version that opened it. Raises ClickHouseUnavailableError, QueryFailedError."""
    rule = rule_of(incident.version)
    began_ms = clock.to_ms(incident.breach_began_at)
    # breached_until may lie ahead of now: the chart shows what was, not what is foreseen.
    ended = incident.breached_until if incident.state == State.RESOLVED else now
    to_ms = clock.to_ms(min(ended, now, incident.breach_began_at + _LONGEST))
    # One window before the first breached one, so that the chart shows what was normal.
    moments = _moments(incident, rule=rule, from_ms=began_ms - 3 * rule.window_ms, to_ms=to_ms)
    first_ms = began_ms - rule.window_ms
    return Insight(
        rule=rule,
        measured=measure(
            moments,
            rule=rule,
            from_ms=began_ms - 2 * rule.window_ms,
            to_ms=to_ms,
            exposure=_exposure(incident, rule=rule, from_ms=began_ms - 3 * rule.window_ms, to_ms=to_ms),
        ),
        affected=affected([moment for moment in moments if moment.ts_ms >= first_ms]),
        cut=len(moments) >= MOST_SIGNALS,
    )


def why_unavailable(error: ClickHouseError) -> str:
    """What a person is told. A failed query's message holds SQL, which is for the log alone."""
    if isinstance(error, QueryFailedError):
        log.error("query failed on a page", code=error.code, message=str(error))
        return f"A query failed or took too long (code {error.code})."
    log.warning("event store unavailable on a page", message=str(error))
    return str(error)


def session_signals(*, project_id: int, session_id: str, near: datetime) -> list[SessionSignal]:
    """The signals of a session that had one `near` this time. Raises ClickHouseUnavailableError, QueryFailedError."""
    # A session lasts 24 h at most (docs/wire.md).
    day_ms = 24 * 3600 * 1000
    params = {
        "project_id": project_id,
        "session_id": session_id,
        "from_ms": clock.to_ms(near) - day_ms,
        "to_ms": clock.to_ms(near) + day_ms,
    }
    return [
        SessionSignal(kind, clock.from_ms(ts_ms), label, route, count, detail, tuple(zip(pages, ns, strict=True)))
        for kind, ts_ms, label, route, count, detail, pages, ns in client.query(_SESSION, params, limits=_LIMITS)
    ]


def measure(
    moments: Iterable[Moment], *, rule: Rule, from_ms: int, to_ms: int, exposure: Exposure = NOBODY
) -> Measured:
    """The rule's number at window ends in [from_ms, to_ms], thinned so that no peak is lost."""
    ends = Ends(cell_after(from_ms), max(cell_of(to_ms), cell_after(from_ms)))
    steps = exposure.steps(window_ms=rule.window_ms, first_ms=ends.first, last_ms=ends.last, as_of_ms=ends.last)
    spans = slide(points(moments), window_ms=rule.window_ms, ends=[ends], steps=steps)
    cells = (ends.last - ends.first) // GRID_MS + 1
    step_ms = -(-cells // _CHART_POINTS) * GRID_MS
    shown = list(range(ends.first, ends.last + 1, step_ms))
    values = [0] * len(shown)
    for span in spans:
        value = metric_value(span.measure, rule.metric)
        first, last = (span.first_end_ms - ends.first) // step_ms, (span.last_end_ms - ends.first) // step_ms
        for place in range(first, last + 1):
            values[place] = max(values[place], value)
    return Measured(ends_ms=shown, values=values)


def _exposure(incident: Incident, *, rule: Rule, from_ms: int, to_ms: int) -> Exposure:
    """The sessions that a share is of, as far as is known by now."""
    if rule.metric != "share":
        return NOBODY
    audience = audience_of(rule, incident.project_id, group_of_row(incident.group))
    wanted = {0: Wanted(audience, [(from_ms, to_ms)], rule.window_ms)}
    return audiences.exposures(wanted, as_of_ms=clock.to_ms(clock.now()))[0]


def points(moments: Iterable[Moment]) -> list[Point]:
    """The moments as the windows' functions take them."""
    return [
        Point(cell_of(each.ts_ms), each.kind, each.session_id, each.user_id, signals=1, clicks=each.count)
        for each in moments
    ]


def affected(moments: Sequence[Moment]) -> Affected:
    """Counts people and sessions, and picks the sessions that show the trouble best: most clicks, then earliest."""
    by_session: defaultdict[str, list[Moment]] = defaultdict(list)
    for moment in moments:
        by_session[moment.session_id].append(moment)
    sessions = [_session(session_id, of_session) for session_id, of_session in by_session.items()]
    return Affected(
        sessions=len(sessions),
        people=len({session.user_id or f"session {session.session_id}" for session in sessions}),
        users=len({moment.user_id for moment in moments if moment.user_id}),
        signals=len(moments),
        clicks=sum(moment.count for moment in moments),
        first_at=clock.from_ms(moments[0].ts_ms) if moments else None,
        last_at=clock.from_ms(moments[-1].ts_ms) if moments else None,
        traits=[
            Trait("Devices", _shares(by_session, lambda moment: moment.device or "unknown")),
            Trait("Releases", _shares(by_session, lambda moment: moment.release or "not reported")),
            Trait("Routes", _shares(by_session, lambda moment: moment.route or "(no route)")),
        ],
        samples=sorted(sessions, key=lambda session: (-session.clicks, session.began_at, session.session_id))[
            :_SESSIONS_SHOWN
        ],
    )


def _session(session_id: str, moments: Sequence[Moment]) -> AffectedSession:
    return AffectedSession(
        session_id=session_id,
        user_id=next((moment.user_id for moment in moments if moment.user_id), ""),
        device=moments[0].device,
        began_at=clock.from_ms(moments[0].ts_ms),
        signals=len(moments),
        clicks=sum(moment.count for moment in moments),
    )


def _shares(by_session: dict[str, list[Moment]], trait: Callable[[Moment], str]) -> list[Share]:
    """The five most frequent values, counted in sessions: one angry person is not five."""
    sessions = Counter(name for moments in by_session.values() for name in {trait(moment) for moment in moments})
    return [Share(name, count, round(100 * count / len(by_session))) for name, count in sessions.most_common(5)]


def _moments(incident: Incident, *, rule: Rule, from_ms: int, to_ms: int) -> list[Moment]:
    group: dict[str, str] = incident.group
    rows = client.query(
        _SIGNALS,
        {
            "project_id": incident.project_id,
            "kinds": tuple(rule.signals),
            "from_ms": from_ms,
            "to_ms": to_ms,
            "any_route": "route" not in group,
            "route": group.get("route", ""),
            "any_element": "element" not in group,
            "element": group.get("element", ""),
            "limit": MOST_SIGNALS,
        },
        limits=_LIMITS,
    )
    return [moment for moment in (Moment(*row) for row in rows) if counts(rule, _traits(moment))]


def _traits(moment: Moment) -> Traits:
    return Traits(moment.kind, moment.route, moment.element, moment.environment, moment.release, moment.device)
