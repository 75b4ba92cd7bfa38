"""A backtest: the incidents that a rule, and a draft of its successor, would have opened over a span of history.

1. Read what the ticks of the span knew of the signals that either rule counts.
2. Tick each rule over it (`replay`), group by group.
3. Put the two beside each other (`difference`).

It reads, and writes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.backtests import reading
from apps.backtests.difference import Difference, Series, compare, series
from apps.backtests.history import Known, by_group
from apps.backtests.replay import Span, replay_group
from apps.incidents.lifecycle import Policy
from apps.thresholds.evaluation import Rule

# Points on the chart: one for every 4 px of a desktop's width.
_CHART_POINTS = 240

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule with its policy: the one in force, or a draft."""

    rule: Rule
    policy: Policy


@dataclass(frozen=True, slots=True)
class Side:
    """A rule, and the signals as the ticks of the span came to know them (`reading.known` says which those are)."""

    candidate: Candidate
    rows: Sequence[Known]


@dataclass(frozen=True, slots=True)
class Report:
    """What a backtest found. `now` is None where no rule is in force: the threshold is new, and everything opens."""

    span: Span
    signals: int
    difference: Difference
    now: Series | None
    then: Series


def run(
    *, project_id: int, now: Candidate | None, then: Candidate, span: Span, progress: Progress = lambda percent: None
) -> Report:
    """The difference that putting `then` in the place of `now` would have made over `span`.

    `progress` is called with the percentage done, often; whatever it raises stops the backtest. Raises
    TooManySignalsError, TooManyPresencesError, ClickHouseUnavailableError, QueryFailedError.
    """
    progress(0)
    candidates = [candidate for candidate in (now, then) if candidate]
    rows = reading.known(
        project_id=project_id,
        kinds={kind for candidate in candidates for kind in candidate.rule.signals},
        reach_ms=max(candidate.rule.reach_ms + candidate.rule.lag_ms for candidate in candidates),
        span=span,
    )
    found = beside(
        project_id=project_id, now=Side(now, rows) if now else None, then=Side(then, rows), span=span, progress=progress
    )
    progress(100)
    return found


def beside(*, project_id: int, now: Side | None, then: Side, span: Span, progress: Progress) -> Report:
    """The difference between two sides over `span`. `progress` as for `run`, up to 99.

    Raises TooManyPresencesError, ClickHouseUnavailableError, QueryFailedError.
    """
    sides = [side for side in (now, then) if side]
    candidates = [side.candidate for side in sides]
    grouped = [by_group(side.rows, side.candidate.rule) for side in sides]
    read: reading.ExposuresRead = {}
    people = [
        reading.sessions_of(
            groups, rule=candidate.rule, policy=candidate.policy, project_id=project_id, span=span, read=read
        )
        for groups, candidate in zip(grouped, candidates, strict=True)
    ]
    drawn = [
        series(
            groups,
            rule=candidate.rule,
            span=span,
            points=_CHART_POINTS,
            exposures={group: sessions.exposure for group, sessions in of_groups.items()},
        )
        for groups, candidate, of_groups in zip(grouped, candidates, people, strict=True)
    ]
    retention_ms = reading.retention_ms(project_id)
    counter = _Counter(sum(len(rows) for groups in grouped for rows in groups.values()), progress)
    replayed = [
        [
            incident
            for group, rows in groups.items()
            for incident in replay_group(
                rows,
                rule=candidate.rule,
                policy=candidate.policy,
                project_id=project_id,
                retention_ms=retention_ms,
                group=group,
                span=span,
                sessions=of_groups[group],
                passed=counter.add,
            )
        ]
        for groups, candidate, of_groups in zip(grouped, candidates, people, strict=True)
    ]
    return Report(
        span=span,
        signals=len({row.signal_id for side in sides for row in side.rows}),
        difference=compare(replayed[0] if now else [], replayed[-1]),
        now=drawn[0] if now else None,
        then=drawn[-1],
    )


@dataclass(slots=True)
class _Counter:
    """Turns rows replayed into percent of all rows. 100 is said at the end alone."""

    total: int
    progress: Progress
    done: int = 0

    def add(self, rows: int) -> None:
        self.done += rows
        self.progress(min(99, 100 * self.done // self.total))
