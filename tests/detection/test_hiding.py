"""Which signals a suppression hides, and what a tick writes of them."""

from dataclasses import replace

import pytest

from apps.detection.changes import Change, changes
from apps.detection.hiding import Hiding, hidden_by
from apps.detection.score import parts_of_score
from apps.detection.signal import Signal
from tests.detection.sessions import by_reference, click

HIDING = Hiding(id=7, kind="rage_click", route_pattern="/check*", element_pattern="", from_ms=1_000, until_ms=2_000)


@pytest.fixture
def signal() -> Signal:
    (found,) = by_reference("rage_click", [click(n, n * 100) for n in range(3)])
    return replace(found, ts_ms=1_000)


def test_a_signal_is_hidden_by_when_it_began(signal: Signal) -> None:
    for ts_ms, hides in ((999, 0), (1_000, 7), (1_999, 7), (2_000, 0)):
        assert hidden_by(replace(signal, ts_ms=ts_ms), [HIDING]) == hides


@pytest.mark.parametrize(
    ("change", "hides"),
    [
        ({"kind": "dead_click"}, 0),
        ({"route": "/cart"}, 0),
        ({"route": "/checkout/pay"}, 7),
        ({"element": "a.other"}, 7),
    ],
)
def test_kind_route_and_element_must_all_fit(signal: Signal, change: dict[str, str], hides: int) -> None:
    assert hidden_by(replace(signal, **change), [HIDING]) == hides  # type: ignore[arg-type]


def test_of_two_suppressions_the_first_is_named(signal: Signal) -> None:
    assert hidden_by(signal, [HIDING, replace(HIDING, id=8)]) == 7


def test_a_hidden_signal_is_written_once_as_retracted(signal: Signal) -> None:
    hidings = {signal.project_id: [HIDING]}
    hidden = Change(signal, retracted=True, suppressed_by=7)
    assert changes(stored=[], computed=[signal], hidings=hidings) == [hidden]
    assert changes(stored=[hidden], computed=[signal], hidings=hidings) == []
    assert changes(stored=[hidden], computed=[], hidings=hidings) == []


def test_another_projects_suppression_hides_nothing(signal: Signal) -> None:
    hidings = {signal.project_id + 1: [HIDING]}
    assert changes(stored=[], computed=[signal], hidings=hidings) == [Change(signal, retracted=False)]


def test_the_score_is_the_sum_of_published_weights() -> None:
    parts = parts_of_score(["dead_click", "rage_click", "dead_click", "gone_with_an_old_release"])
    assert [(part.title, part.count, part.weight, part.points) for part in parts] == [
        ("Dead click", 2, 2, 4),
        ("Rage click", 1, 4, 4),
    ]
