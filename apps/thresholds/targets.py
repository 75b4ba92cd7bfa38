"""What a tick has to judge: which rule, which group, which windows. Pure: no Django, no driver, no clock.

There is no lag: a window is judged at its end with what has arrived, and again when something arrives late. Waiting for
stragglers would delay every incident by the slowest browser, and could still not be sure.

Only windows whose content changed are judged anew. Nothing is measured while nothing changes: an incident knows until
when its breach lasts as far as is known, so time passing needs no look at signals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from apps.thresholds.evaluation import Judgement, Rule, judge
from apps.thresholds.matching import Group, Traits, counts, group_of
from apps.thresholds.windows import GRID_MS, Ends, Point, ends_holding, slide


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
    # All since the incident's breach began: signals behind it were retracted.
    EPISODE = "episode"


@dataclass(slots=True)
class Target:
    """One group of one rule, the window ends to judge, and the points of those windows once they are read."""

    project_id: int
    rule: Rule
    group: Group
    ends: list[Ends] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    retracted: bool = False
    coverage: Coverage = Coverage.CHANGED

    def widen(self, ends: Ends, coverage: Coverage) -> None:
        """Judges `ends` too, and says so."""
        self.ends.append(ends)
        self.coverage = coverage

    def from_ms(self) -> int:
        """Where the earliest window to judge begins."""
        return min(stretch.first for stretch in self.ends) - self.rule.window_ms

    def counted(self, *, settled_before_ms: int = 0) -> list[Point]:
        """The points without those from before `settled_before_ms`.

        A resolution settles what came before it: without that, an incident resolved while its signals are still inside
        the window would reopen at the next tick, with nothing new.
        """
        return [point for point in self.points if point.cell_ms >= settled_before_ms]

    def judge(self, *, as_of_ms: int, settled_before_ms: int = 0) -> Judgement:
        """Judges the windows by the counted points."""
        points = self.counted(settled_before_ms=settled_before_ms)
        return judge(self.rule, slide(points, window_ms=self.rule.window_ms, ends=self.ends), as_of_ms=as_of_ms)


TargetKey = tuple[int, Group]
RulesByProject = Mapping[int, Sequence[Rule]]


def onward(rule: Rule, as_of_ms: int) -> Ends:
    """The window ends from this tick on in which signals known by now can still lie."""
    return Ends(as_of_ms, as_of_ms + rule.window_ms - GRID_MS)


def plan(changes: Iterable[Change], rules: RulesByProject) -> dict[TargetKey, Target]:
    """The targets that a tick's changes call for, by (threshold id, group)."""
    targets: dict[TargetKey, Target] = {}
    for change in changes:
        for rule in rules.get(change.project_id, ()):
            if not counts(rule, change.traits):
                continue
            group = group_of(rule, change.traits)
            target = targets.setdefault((rule.threshold_id, group), Target(change.project_id, rule, group))
            target.ends += [ends_holding(cell, rule.window_ms) for cell in change.cells]
            target.retracted = target.retracted or change.retracted
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
