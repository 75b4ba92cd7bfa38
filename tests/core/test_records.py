"""Records as JSON and back, and what is refused on the way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import pytest

from apps.core.records import RecordError, decoded, encoded


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    number: int
    share: float = 0.5


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    colour: Colour = Colour.RED
    size: Literal["small", "large"] = "small"
    status: int | None = None
    value: int | tuple[str, ...] = 0
    rows: tuple[Inner, ...] = ()
    pairs: tuple[tuple[str, int], ...] = ()
    answers: Mapping[str, int] = field(default_factory=dict)
    on: bool = False


SMALL = Outer("a", Inner(1))
LARGE = Outer(
    "b", Inner(2, 0.25), Colour.BLUE, "large", 0, ("x", "y"), (Inner(3), Inner(4)), (("p", 5),), {"mut": 6}, on=True
)  # fmt: skip


@pytest.mark.parametrize("record", [SMALL, LARGE])
@pytest.mark.parametrize("leave_out_defaults", [True, False])
def test_a_record_survives_json(record: Outer, leave_out_defaults: bool) -> None:
    text = json.dumps(encoded(record, leave_out_defaults=leave_out_defaults))
    assert decoded(Outer, json.loads(text)) == record


def test_fields_at_their_default_are_left_out_where_asked() -> None:
    assert encoded(SMALL, leave_out_defaults=True) == {"name": "a", "inner": {"number": 1}}


def test_a_field_that_a_later_release_added_is_ignored() -> None:
    assert decoded(Outer, {**encoded(SMALL), "later": 1}) == SMALL


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": 1}, "name: not of type str but 1."),
        ({"name": None}, "name: not of type str but None."),
        ({"inner": []}, "inner: not an object but []."),
        ({"inner": {}}, "inner: “number” is missing."),
        ({"inner": {"number": True}}, "inner.number: not of type int but True."),
        ({"inner": {"number": 1, "share": "1"}}, "inner.share: not of type float but '1'."),
        ({"colour": "green"}, "colour: 'green' is not one of red, blue."),
        ({"size": ["small"]}, "size: ['small'] is not one of small, large."),
        ({"status": "200"}, "status: not of type int but '200'."),
        ({"value": [1]}, "value[0]: not of type str but 1."),
        ({"rows": {}}, "rows: not a list but {}."),
        ({"rows": [{"number": 1}, {"number": "2"}]}, "rows[1].number: not of type int but '2'."),
        ({"pairs": [["p"]]}, "pairs[0]: not 2 values but 1."),
        ({"answers": {"mut": None}}, "answers.mut: not of type int but None."),
        ({"on": 1}, "on: not of type bool but 1."),
    ],
)
def test_what_is_no_such_record_is_refused_with_its_place(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(RecordError) as caught:
        decoded(Outer, {**encoded(SMALL), **change})
    assert str(caught.value) == reason
