"""What each tick made of a session, from what the session looked like to it. Pure: no Django, no driver, no clock.

A tick that sees a new event of a session computes the session's signals from all events stored by then. So a session
has one *view* for each tick that looked at it, and other parameters give each view other signals. What the tick would
have written is the difference to what the views before it left, by the live tick's own function.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.detection.changes import Change, changes
from apps.detection.hiding import Hiding
from apps.detection.signal import Signal


@dataclass(frozen=True, slots=True)
class View:
    """A session as the tick `tick_ms` saw it. Signals from `decided_from_ms` on were computed anew."""

    tick_ms: int
    decided_from_ms: int


@dataclass(frozen=True, slots=True)
class State:
    """A signal, and the ticks whose views of the session gave it just so."""

    signal: Signal
    ticks_ms: Sequence[int]


def written_by_tick(
    views: Iterable[View],
    states: Iterable[State],
    *,
    stored: MutableMapping[UUID, Change],
    hidings_at: Callable[[int], Sequence[Hiding]],
) -> Iterator[tuple[int, Change]]:
    """What the ticks would have written of one session's signals, with the tick (as_of, ms), in their order.

    `views` in order. `stored` maps signal ids to what the views before them left, and is brought up to date.
    `hidings_at` gives the project's suppressions as the tick knew them.
    """
    given: defaultdict[int, list[Signal]] = defaultdict(list)
    for state in states:
        for tick_ms in state.ticks_ms:
            given[tick_ms].append(state.signal)
    before: object = None
    for view in views:
        computed = [signal for signal in given[view.tick_ms] if signal.ts_ms >= view.decided_from_ms]
        hidings = hidings_at(view.tick_ms)
        decided = [change for change in stored.values() if change.signal.ts_ms >= view.decided_from_ms]
        # Most views change nothing about a session's signals.
        if before == (computed, decided, hidings):
            continue
        before = (computed, decided, hidings)
        by_project = {signal.project_id: hidings for signal in computed[:1]}
        for change in changes(stored=decided, computed=computed, hidings=by_project):
            stored[change.signal.signal_id] = change
            yield view.tick_ms, change
