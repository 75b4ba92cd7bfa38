"""What a tick has to judge: which rule, which group, which windows. Pure: no Django, no driver, no clock.

There is no lag: a window is judged at its end with what has arrived, and again when something arrives late. Waiting for
stragglers would delay every incident by the slowest browser, and could still not be sure.

Only windows whose content changed are judged anew. Nothing is measured while nothing changes: an incident knows until
when its breach lasts as far as is known, and a breach that time alone will bring is foreseen (`Judgement.ahead_ms`)
and looked at when its time comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.thresholds.evaluation import Judgement, Rule, judge
from apps.thresholds.exposure import NOBODY, Exposure
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.survey import survey
from apps.thresholds.windows import GRID_MS, Ends, Point, ends_holding, merged


@dataclass(frozen=True, slots=True)
class Change:
    """Signals of one project and the same traits that a tick wrote, or whose time came: the 10 s cells they lie in.

    `written` of them are new or changed, not retracted.
    """

    project_id: int
    traits: Traits
    cells: tuple[int, ...]
    retracted: bool = False
    written: int = 0


class Coverage(StrEnum):
    """Which windows of a group were judged, and so how far the judgement replaces what was known."""

    # Those whose content changed: what is known of the others stays.
    CHANGED = "changed"
    # All from this tick on: the rule itself changed.
    ONWARD = "onward"
    # All since the incident's breach began: what it was judged by turned out to be less.
    EPISODE = "episode"


@dataclass(slots=True)
class Target:
    """One group of one rule, the window ends to judge, and the points of those windows once they are read.

    `retracted`: a signal was taken back. `outgrown`: what windows are compared with may have grown. After either,
    windows that breached may breach no more. `touched`: the tick's changed signals called for it.
    """

    project_id: int
    rule: Rule
    group: Group
    ends: list[Ends] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    exposure: Exposure = NOBODY
    retracted: bool = False
    outgrown: bool = False
    touched: bool = True
    coverage: Coverage = Coverage.CHANGED

    def touch(self, cell_ms: int, *, as_of_ms: int) -> None:
        """Judges the windows about which signals of this cell decide."""
        near, compared = changed_ends(self.rule, cell_ms)
        self.ends.append(near)
        if compared and compared.first <= onward(self.rule, as_of_ms).last:
            self.ends.append(compared)
            self.outgrown = True

    @property
    def lessened(self) -> bool:
        """Whether windows that breached may breach no more."""
        return self.retracted or self.outgrown

    def widen(self, ends: Ends, coverage: Coverage) -> None:
        """Judges `ends` too, and says so."""
        self.ends.append(ends)
        self.coverage = coverage

    def reconsider(self, *, began_ms: int, as_of_ms: int, retention_ms: int) -> None:
        """Judges anew the breach since `began_ms`, if what it was judged by is still kept (for `retention_ms`)."""
        ahead = onward(self.rule, as_of_ms)
        if began_ms - self.rule.reach_ms >= as_of_ms - retention_ms:
            self.widen(Ends(began_ms, ahead.last), Coverage.EPISODE)
        else:
            # What it began with is past its retention and cannot be judged anew: what was known of it stays.
            self.widen(ahead, Coverage.CHANGED)

    def from_ms(self) -> int:
        """Where the earliest signals begin that decide about a window to judge."""
        return min(stretch.first for stretch in self.ends) - self.rule.reach_ms - self.rule.lag_ms

    def stretches(self, *, as_of_ms: int) -> list[tuple[int, int]]:
        """The times [from, to), ms, of the presences that decide about the windows to judge."""
        rule = self.rule
        near = [
            (stretch.first - rule.lag_ms - rule.lead_ms - rule.window_ms, min(stretch.last, as_of_ms))
            for stretch in merged(self.ends)
        ]
        if not rule.factor_percent:
            return near
        return near + [(from_ms - rule.earlier_ms, to_ms - rule.earlier_ms) for from_ms, to_ms in near]

    def counted(self, *, settled_before_ms: int = 0) -> list[Point]:
        """The points without those from before `settled_before_ms`.

        A resolution settles what came before it: without that, an incident resolved while its signals are still inside
        the window would reopen at the next tick, with nothing new.
        """
        return [point for point in self.points if point.cell_ms >= settled_before_ms]

    def judged_ends(self, *, as_of_ms: int) -> list[Ends]:
        """The window ends to judge in which signals known by now can lie; at least one that the lag lets us judge."""
        last = onward(self.rule, as_of_ms).last
        ends = [Ends(each.first, min(each.last, last)) for each in self.ends if each.first <= last]
        known_ms = as_of_ms - self.rule.lag_ms
        if all(each.first > known_ms for each in ends):
            # All that changed lies ahead of what the lag lets us judge.
            ends.append(Ends(known_ms, known_ms))
        return ends

    def judge(self, *, as_of_ms: int, settled_before_ms: int = 0) -> Judgement:
        """Judges the windows by the counted points."""
        spans = survey(
            self.rule,
            self.points,
            ends=self.judged_ends(as_of_ms=as_of_ms),
            as_of_ms=as_of_ms,
            exposure=self.exposure,
            settled_before_ms=settled_before_ms,
        )
        return judge(self.rule, spans, as_of_ms=as_of_ms)


TargetKey = tuple[int, Group]
RulesByProject = Mapping[int, Sequence[Rule]]


def onward(rule: Rule, as_of_ms: int) -> Ends:
    """The window ends, from the one that this tick is about, in which signals known by now can still lie."""
    return Ends(as_of_ms - rule.lag_ms, as_of_ms + rule.window_ms - GRID_MS)


def changed_ends(rule: Rule, cell_ms: int) -> tuple[Ends, Ends | None]:
    """The window ends about which signals of a cell decide: by being counted, and by being compared with."""
    holding = ends_holding(cell_ms, rule.window_ms)
    near = Ends(holding.first, holding.last + rule.lead_ms)
    return near, Ends(near.first + rule.earlier_ms, near.last + rule.earlier_ms) if rule.factor_percent else None


def outgrows(rule: Rule, cells: Iterable[int], *, began_ms: int, until_ms: int) -> bool:
    """Whether presences of these cells are in a window that ends between two others, by which a share is smaller."""
    near = (changed_ends(rule, cell)[0] for cell in cells)
    return any(ends.first <= until_ms and ends.last >= began_ms for ends in near)


def plan(changes: Iterable[Change], rules: RulesByProject, *, as_of_ms: int) -> dict[TargetKey, Target]:
    """The targets that the changes of the tick `as_of_ms` call for, by (threshold id, group)."""
    targets: dict[TargetKey, Target] = {}
    for change in changes:
        for rule in rules.get(change.project_id, ()):
            if not counts(rule, change.traits):
                continue
            group = group_of(rule, change.traits)
            target = targets.setdefault((rule.threshold_id, group), Target(change.project_id, rule, group))
            target.retracted = target.retracted or change.retracted
            for cell_ms in change.cells:
                target.touch(cell_ms, as_of_ms=as_of_ms)
    return targets


def distribute(
    rows: Iterable[tuple[int, Traits, Point]],
    rules: RulesByProject,
    targets: dict[TargetKey, Target],
    *,
    fresh: frozenset[int],
    as_of_ms: int,
) -> None:
    """Gives every point to the targets that count it.

    A threshold in `fresh` (by id) came into force at this tick: its groups are not known before its signals are read,
    so they are added to `targets` here.
    """
    takers: dict[tuple[int, Traits], list[Target]] = {}
    for project_id, traits, point in rows:
        key = (project_id, traits)
        if key not in takers:
            takers[key] = list(_takers(project_id, traits, rules, targets, fresh=fresh, as_of_ms=as_of_ms))
        for target in takers[key]:
            target.points.append(point)


def _takers(
    project_id: int,
    traits: Traits,
    rules: RulesByProject,
    targets: dict[TargetKey, Target],
    *,
    fresh: frozenset[int],
    as_of_ms: int,
) -> Iterable[Target]:
    for rule in rules.get(project_id, ()):
        if not counts(rule, traits):
            continue
        key = (rule.threshold_id, group_of(rule, traits))
        if key not in targets and rule.threshold_id in fresh:
            targets[key] = Target(project_id, rule, key[1])
            targets[key].widen(onward(rule, as_of_ms), Coverage.ONWARD)
        if key in targets:
            yield targets[key]
