"""What ticks write of a session, from its views: the rules that no event store is needed for."""

from collections.abc import Sequence
from uuid import UUID

from apps.backtests.views import State, View, written_by_tick
from apps.detection.changes import Change
from apps.detection.hiding import Hiding
from apps.detection.signal import Signal

SIGNAL = Signal(
    project_id=1,
    kind="rage_click",
    definition_version=1,
    session_id="s",
    page_id="p",
    n=1,
    ts_ms=1_000,
    ended_ms=2_000,
    user_id="",
    route="/checkout",
    element="button",
    element_label="Pay now",
    environment="",
    release="",
    device="",
    count=3,
    detail="",
    events=(("p", 1),),
    retention_days=90,
)
HIDING = Hiding(id=7, kind="rage_click", route_pattern="", element_pattern="", from_ms=0, until_ms=5_000)


def nothing_hidden(tick_ms: int) -> Sequence[Hiding]:
    return ()


def ticks_of(
    views: Sequence[View], states: Sequence[State], stored: dict[UUID, Change] | None = None
) -> list[tuple[int, bool]]:
    written = written_by_tick(views, states, stored={} if stored is None else stored, hidings_at=nothing_hidden)
    return [(tick_ms, change.retracted) for tick_ms, change in written]


def test_a_signal_is_written_by_the_first_view_that_gives_it_and_by_none_that_gives_it_again() -> None:
    views = [View(10, 0), View(20, 0), View(30, 0)]
    assert ticks_of(views, [State(SIGNAL, [20, 30])]) == [(20, False)]


def test_a_signal_that_a_later_view_no_longer_gives_is_taken_back_once() -> None:
    views = [View(10, 0), View(20, 0), View(30, 0)]
    assert ticks_of(views, [State(SIGNAL, [10])]) == [(10, False), (20, True)]


def test_a_signal_that_began_before_what_a_view_decides_stays_as_it_is() -> None:
    assert ticks_of([View(10, 0), View(20, 1_001)], [State(SIGNAL, [10])]) == [(10, False)]


def test_the_views_of_a_later_step_go_on_from_what_the_earlier_ones_left() -> None:
    stored: dict[UUID, Change] = {}
    assert ticks_of([View(10, 0)], [State(SIGNAL, [10])], stored) == [(10, False)]
    assert ticks_of([View(20, 0)], [State(SIGNAL, [20])], stored) == []
    assert ticks_of([View(30, 0)], [], stored) == [(30, True)]


def test_a_suppression_hides_from_the_first_view_that_knows_it() -> None:
    written = written_by_tick(
        [View(10, 0), View(20, 0)],
        [State(SIGNAL, [10, 20])],
        stored={},
        hidings_at=lambda tick_ms: [HIDING] if tick_ms >= 20 else [],
    )
    assert [(tick_ms, change.suppressed_by) for tick_ms, change in written] == [(10, 0), (20, 7)]
