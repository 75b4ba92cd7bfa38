"""Wrong and extreme values for every field of the wire format, read from its types, so that a new one is covered."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import msgspec
from msgspec import inspect

from apps.ingest import wire
from tests.ingest.batches import Json, batch, click

_Number = inspect.IntType | inspect.FloatType
_Known = _Number | inspect.StrType | inspect.BoolType | inspect.LiteralType | inspect.StructType | inspect.TupleType
_Known |= inspect.ListType

# Where each struct stands: in the batch, its context, an event, its element or its answers.
_STRUCTS: dict[str, type[msgspec.Struct]] = {
    "": wire.Event,
    "el": wire.Element,
    "after": wire.Answers,
    "batch": wire.Batch,
    "ctx": wire.Context,
}

# Nothing in them may do anything, anywhere.
TEXTS = [
    *("", " ", "\0", "\x1b[31m", "\r\n", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe"),
    *("é", "e\u0301", "日本", "😀", "👩\u200d👩\u200d👧", "\ud83d", "\ude00\ud83d", "\U0010ffff", "ﷺ" * 100),
    *(
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "{{ 7*7 }}${7*7}",
        "'; DROP TABLE events; --",
        "%(text)s %s %n",
    ),
    *(
        "=cmd|' /C calc'!A0",
        "../../etc/passwd",
        "http://[::1",
        "\\N",
        "NULL",
        "null",
        "-0",
        "1e999",
        "\\",
        '"',
        "'",
        "`",
    ),
    *("a" * 300, "a" * 9000, "😀" * 300, "\\" * 500, '"' * 500),
]


@dataclass(frozen=True)
class Field:
    """A field on the wire: the name of the struct's place, its own, its type, and whether it must be there."""

    place: str
    name: str
    type: _Known
    required: bool

    def __str__(self) -> str:
        return f"{self.place}.{self.name}" if self.place else self.name

    def event(self, n: int, value: object) -> Json:
        """A click numbered `n` in which this field is `value`."""
        change = {self.name: value}
        return {**click(n), **(change if self.place == "" else {self.place: change})}

    def batch(self, value: object) -> Json:
        """A batch of one click in which this field, of the batch or its context, is `value`."""
        change = {self.name: value}
        return {**batch(), **(change if self.place == "batch" else {"ctx": change})}


@cache
def fields(*places: str) -> list[Field]:
    """The fields of the structs that stand at `places`."""
    return [
        Field(place, field.encode_name, _without_null(field.type), field.required)
        for place in places
        for field in _struct(_STRUCTS[place]).fields
    ]


# Of no type but those that take anything of the kind.
_WRONG: dict[type[inspect.Type], tuple[object, ...]] = {
    inspect.IntType: (True, "1", "", 1.5, 1e300, 10**30, -(10**30), [], {}, [1]),
    inspect.FloatType: (False, "1.5", "", 1e308, -1e308, 10**400, [], {}),
    inspect.StrType: (True, 0, 1.5, [], {}, ["a"]),
    inspect.BoolType: (0, 1, "true", "", [], {}),
    inspect.LiteralType: (True, 0, 99, 1.5, "", "nothing that there is", [], {}),
    inspect.StructType: (True, 0, "text", [], [{}]),
    inspect.TupleType: (True, 0, "text", {}, [], [1], [1, 2, 3], ["1", "2"], [None, 1], [1e308, 1]),
    inspect.ListType: (True, 0, "text", {}, []),
}
_NO_ID = ("", "short", "with space", "x" * 65, "line-ends\n", "éééééééé", "\0" * 8)


def wrong(field: Field) -> Iterator[object]:
    """Values that `field` must not have."""
    if field.required:
        yield None
    yield from _WRONG[type(field.type)]
    if isinstance(field.type, _Number):
        yield from _beyond(field.type)
    if isinstance(field.type, inspect.StrType) and field.type.pattern is not None:
        yield from _NO_ID


def extreme(field: Field) -> Iterator[object]:
    """Values at the edge of what `field` may have, each once."""
    if not field.required:
        yield None
    match field.type:
        case inspect.IntType():
            yield from {field.type.ge, field.type.le, 0, 1}
        case inspect.FloatType():
            yield from (field.type.ge, field.type.le, 0, -0.0, 1, 0.1, 5e-324, 1.7976931348623157e-300)
        case inspect.StrType():
            yield from TEXTS if field.type.pattern is None else ("a" * 8, "-_" * 32)
        case inspect.BoolType():
            yield from (True, False)
        case inspect.LiteralType():
            yield from field.type.values
        case inspect.StructType():
            yield {}
        case inspect.TupleType():
            yield from ([0, 0], [-1, 0.5], [2**31 - 1, -(2**31)])


def _struct(struct: type[msgspec.Struct]) -> inspect.StructType:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    return info


def _without_null(kind: inspect.Type) -> _Known:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    [known] = (option for option in options if isinstance(option, _Known))
    return known


def _beyond(kind: _Number) -> Iterator[object]:
    # A number without an end would be stored in a column that has one.
    assert kind.ge is not None
    assert kind.le is not None
    # Beyond 2^53 there are only even numbers.
    yield kind.ge - (1 if kind.ge > -(2**53) else 2)
    yield kind.le + (1 if kind.le < 2**53 else 2)
