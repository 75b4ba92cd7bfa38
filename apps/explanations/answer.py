"""What a rule said at one tick, and about what. Pure: no Django, no driver, no clock.

The verdicts are those of `evaluation.evaluate`, on what the tick knew; beside them stands what it did not count.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.backtests.history import Known
from apps.thresholds.evaluation import Rule, Status, Verdict, evaluate
from apps.thresholds.exposure import NOBODY, Exposure
from apps.thresholds.matching import Group, group_of, refused_by
from apps.thresholds.survey import survey
from apps.thresholds.windows import Ends, Point, cell_of


class Why(StrEnum):
    """Why a signal of the window was not counted. The filters have the names of the rule's fields."""

    SIGNALS = "signals"
    ENVIRONMENT = "environment"
    RELEASE = "release"
    DEVICE = "device"
    ROUTE_PATTERN = "route_pattern"
    ELEMENT_PATTERN = "element_pattern"
    # A suppression hides it.
    SUPPRESSED = "suppressed"
    # Its events arrived after the tick.
    LATE = "late"
    # Later events had contradicted it.
    RETRACTED = "retracted"
    # It came before somebody resolved its group's incident.
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Signals of the window that were not counted for one reason. `what` is what the filter met: a route, a kind."""

    why: Why
    what: str
    signals: int
    sessions: int


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One group's verdict, with every predicate, and the element's label for people."""

    group: Group
    label: str
    verdict: Verdict

    @property
    def missing(self) -> int:
        """How much the predicate that is furthest off lacks; 0 where all hold."""
        return max((-predicate.margin for predicate in self.verdict.trace if not predicate.holds), default=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """All groups with a signal in the window, the nearest to a breach first, and what was left out."""

    as_of_ms: int
    groups: tuple[GroupAnswer, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def breached(self) -> tuple[GroupAnswer, ...]:
        """The groups that breached."""
        return tuple(each for each in self.groups if each.verdict.status is Status.BREACHED)

    @property
    def nearest_miss(self) -> GroupAnswer | None:
        """Of the groups that did not breach, the one that lacked the least."""
        return next((each for each in self.groups if each.verdict.status is not Status.BREACHED), None)


@dataclass(frozen=True, slots=True)
class NearMoment:
    """`count` of the `needed` that make a signal of this kind. Times are ms since 1970."""

    kind: str
    count: int
    needed: int
    ts_ms: int
    session_id: str
    route: str
    element: str
    label: str


def answer(
    rows: Iterable[Known],
    rule: Rule,
    *,
    as_of_ms: int,
    settled_before_ms: Mapping[Group, int],
    suppressions: Mapping[int, str],
    exposures: Callable[[Collection[Group]], Mapping[Group, Exposure]] = lambda groups: {},
) -> Answer:
    """What `rule` said at the tick `as_of_ms`. `rows`: every version of every signal in the rule's reach, of all kinds.

    `settled_before_ms`: for groups whose incident was resolved then, when that was. `suppressions`: the reason of each.
    `exposures` is asked once, for the groups with a signal in the window: the sessions that their shares are of.
    """
    end_ms = cell_of(as_of_ms) - rule.lag_ms
    window = range(end_ms - rule.window_ms, end_ms)
    versions: defaultdict[str, list[Known]] = defaultdict(list)
    for row in rows:
        versions[row.signal_id].append(row)
    counted: defaultdict[Group, list[Point]] = defaultdict(list)
    present: set[Group] = set()
    left: defaultdict[tuple[Why, str], list[Known]] = defaultdict(list)
    for of_signal in versions.values():
        row, why, what = _standing(of_signal, rule, as_of_ms)
        if why is Why.SUPPRESSED:
            what = suppressions.get(row.suppressed_by, "")
        group = group_of(rule, row.traits)
        if why is None:
            # What is settled is still compared with.
            counted[group].append(row.point)
            if row.point.cell_ms < settled_before_ms.get(group, 0):
                why, what = Why.SETTLED, ""
        if why is None:
            present |= {group} if row.point.cell_ms in window else set()
        elif row.ts_ms in window and (why is not Why.LATE or not row.retracted):
            left[why, what].append(row)
    exposed = exposures(present) if rule.metric == "share" and present else {}
    groups = [
        _of_group(
            group,
            counted[group],
            rule,
            as_of_ms=as_of_ms,
            exposure=exposed.get(group, NOBODY),
            settled_before_ms=settled_before_ms.get(group, 0),
        )
        for group in present
    ]
    return Answer(
        as_of_ms=as_of_ms,
        groups=tuple(sorted(groups, key=_nearness)),
        left_out=tuple(
            LeftOut(why, what, len(rows), len({row.point.session_id for row in rows}))
            for (why, what), rows in sorted(left.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
    )


def _standing(versions: Sequence[Known], rule: Rule, as_of_ms: int) -> tuple[Known, Why | None, str]:
    """The signal as the tick knew it, and why it is not counted; as it is known now where the tick did not know it."""
    in_order = sorted(versions, key=lambda row: row.tick_ms)
    known = [row for row in in_order if row.due_ms <= as_of_ms]
    row = known[-1] if known else in_order[-1]
    refused = refused_by(rule, row.traits)
    if refused is not None:
        return row, Why(refused), _met(refused, row)
    if not known:
        return row, Why.LATE, ""
    if row.retracted:
        return row, Why.SUPPRESSED if row.suppressed_by else Why.RETRACTED, ""
    return row, None, ""


def _met(field: str, row: Known) -> str:
    traits = row.traits
    return {
        "signals": traits.kind,
        "environment": traits.environment,
        "release": traits.release,
        "device": traits.device,
        "route_pattern": traits.route,
        "element_pattern": traits.element,
    }[field]


def _of_group(
    group: Group, points: Sequence[Point], rule: Rule, *, as_of_ms: int, exposure: Exposure, settled_before_ms: int
) -> GroupAnswer:
    end_ms = cell_of(as_of_ms) - rule.lag_ms
    (span,) = survey(
        rule,
        points,
        ends=[Ends(end_ms, end_ms)],
        as_of_ms=as_of_ms,
        exposure=exposure,
        settled_before_ms=settled_before_ms,
    )
    labels = [point.label for point in points if point.label]
    verdict = evaluate(
        rule, span.measure, as_of_ms=as_of_ms, window_end_ms=end_ms, earlier=span.earlier, reached=span.reached
    )
    return GroupAnswer(group, labels[-1] if labels else "", verdict)


def _nearness(each: GroupAnswer) -> tuple[int, int, int, Group]:
    value, clicks = each.verdict.strength
    return each.missing, -value, -clicks, each.group
