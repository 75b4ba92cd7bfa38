"""Decoded events by field: what columns are made from, and how decoding notices what it dropped. Pure.

A struct's fields are taken apart and put together by C code alone, which makes this cheaper than one access per field.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any, Final

import msgspec
from msgspec.structs import astuple

from apps.ingest.wire import Answers, Batch, Context, Element, Event

_NO_ELEMENT: Final = Element()
_NO_ANSWERS: Final = Answers()


class Table:
    """Structs of one kind by field. `columns` has all values of a field, `told` how many of them are not None."""

    __slots__ = ("columns", "told")

    def __init__(self, kind: type[msgspec.Struct], structs: Sequence[msgspec.Struct]) -> None:
        names = kind.__struct_fields__
        values = zip(*map(astuple, structs), strict=True) if structs else [()] * len(names)
        # The values are what msgspec checked against the wire's types.
        self.columns: dict[str, tuple[Any, ...]] = dict(zip(names, values, strict=True))
        rows = len(structs)
        self.told = {name: rows - column.count(None) for name, column in self.columns.items()}


@dataclass(frozen=True, slots=True)
class Tables:
    """Events, their elements and their answers, row by row: all fields are None where an event has none."""

    rows: int
    events: Table
    elements: Table
    answers: Table


def tables_of(events: Sequence[Event]) -> Tables:
    """The tables of `events`."""
    by_field = Table(Event, events)
    return Tables(
        rows=len(events),
        events=by_field,
        elements=Table(Element, [element or _NO_ELEMENT for element in by_field.columns["el"]]),
        answers=Table(Answers, [answers or _NO_ANSWERS for answers in by_field.columns["after"]]),
    )


def quotes_of(batch: Batch, tables: Tables) -> int:
    """How many quotation marks JSON needs for `batch` as decoded and nothing else: two for each key and each text."""
    return (
        _quotes(Batch, Table(Batch, [batch]))
        + (_quotes(Context, Table(Context, [batch.ctx])) if batch.ctx is not None else 0)
        + _quotes(Event, tables.events)
        + _quotes(Element, tables.elements)
        + _quotes(Answers, tables.answers)
    )


def _quotes(kind: type[msgspec.Struct], table: Table) -> int:
    return sum(map(mul, table.told.values(), _QUOTES[kind]))


def _quotes_by_field(kind: type[msgspec.Struct]) -> tuple[int, ...]:
    """The quotation marks of each field that is told: those of its key, and those of its value where that is a text."""
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 for mypy: a Struct was passed
    return tuple(4 if _is_text(field.type) else 2 for field in info.fields)


def _is_text(kind: msgspec.inspect.Type) -> bool:
    match kind:
        case msgspec.inspect.UnionType(types=types):
            return any(map(_is_text, types))
        case msgspec.inspect.LiteralType(values=values):
            return all(isinstance(value, str) for value in values)
        case _:
            return isinstance(kind, msgspec.inspect.StrType)


_QUOTES: Final[dict[type[msgspec.Struct], tuple[int, ...]]] = {
    kind: _quotes_by_field(kind) for kind in (Batch, Context, Event, Element, Answers)
}
