"""Frozen dataclasses as plain JSON data and back, with the standard library alone. Pure.

For what is stored or handed out as JSON and read by pure modules: verdicts and proofs. (What comes from browsers is
decoded by msgspec, in apps.ingest.) Fields may be of type bool, int, float, str, None, Literal, StrEnum, another
such dataclass, and unions, tuples and mappings of these.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
# What JSON has too. Asked first, because a proof holds millions of them.
_AS_THEY_ARE = frozenset({str, int, bool, float, NoneType})


class RecordError(ValueError):
    """The data are not those of such a record. The message begins with the place: “trace[0].value: …”."""


def encoded(record: object, *, leave_out_defaults: bool = False) -> Any:
    """`record` as dicts, lists, strings, numbers, booleans and None.

    `leave_out_defaults` leaves out fields that are at their default: smaller, and a later release that adds a field
    with a default still writes an old record as it was.
    """
    kind: Any = type(record)
    if kind in _AS_THEY_ARE:
        return record
    if is_dataclass(record):
        return {
            name: encoded(value, leave_out_defaults=leave_out_defaults)
            for name, _, default in _shape(kind)
            for value in [getattr(record, name)]
            if not (leave_out_defaults and value == default)
        }
    if isinstance(record, Mapping):
        return {key: encoded(value, leave_out_defaults=leave_out_defaults) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [encoded(value, leave_out_defaults=leave_out_defaults) for value in record]
    if isinstance(record, StrEnum):
        return str(record)
    raise TypeError(f"Records cannot hold {record!r}.")


def decoded(kind: type[T], data: object) -> T:
    """The `kind` (a dataclass) that `encoded` made `data` of. Raises RecordError.

    A missing field has its default; an unknown one is ignored, so that an older release reads what a newer one wrote.
    """
    record: T = _dataclass(kind, data, "")
    return record


def _dataclass(kind: Any, data: object, place: str) -> Any:
    if not isinstance(data, dict):
        raise _error(place, f"not an object but {_shown(data)}")
    values: dict[str, Any] = {}
    for name, hint, default in _shape(kind):
        if name in data:
            values[name] = _decoded(hint, data[name], f"{place}.{name}" if place else name)
        elif default is MISSING:
            raise _error(place, f"“{name}” is missing")
    return kind(**values)


def _decoded(hint: Any, data: object, place: str) -> Any:
    if hint in _PLAIN:
        return _plain(hint, data, place)
    if is_dataclass(hint):
        return _dataclass(hint, data, place)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(_one_of([str(member) for member in hint], data, place))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _one_of(list(arguments), data, place)
    if origin is tuple:
        return _tuple(arguments, data, place)
    if origin in {Union, UnionType}:
        return _union(arguments, data, place)
    if origin is Mapping:
        return _mapping(arguments, data, place)
    raise TypeError(f"{place}: records cannot hold {hint!r}.")


# What JSON gives for each. A bool is an int to isinstance, not to us; a whole number may stand for a float.
_PLAIN: dict[type, tuple[type, ...]] = {str: (str,), bool: (bool,), int: (int,), float: (float, int)}


def _plain(kind: type, data: object, place: str) -> object:
    if type(data) not in _PLAIN[kind]:
        raise _error(place, f"not of type {kind.__name__} but {_shown(data)}")
    return data


def _one_of(choices: list[Any], data: object, place: str) -> str:
    if not isinstance(data, str) or data not in choices:
        raise _error(place, f"{_shown(data)} is not one of {', '.join(map(str, choices))}")
    return data


def _tuple(arguments: tuple[Any, ...], data: object, place: str) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        raise _error(place, f"not a list but {_shown(data)}")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = (arguments[0],) * len(data)
    if len(arguments) != len(data):
        raise _error(place, f"not {len(arguments)} values but {len(data)}")
    return tuple(
        _decoded(hint, value, f"{place}[{number}]")
        for number, (hint, value) in enumerate(zip(arguments, data, strict=True))
    )


def _union(arguments: tuple[Any, ...], data: object, place: str) -> object:
    if data is None and NoneType in arguments:
        return None
    reasons = []
    for hint in arguments:
        if hint is NoneType:
            continue
        try:
            return _decoded(hint, data, place)
        except RecordError as error:
            reasons.append(error)
    raise reasons[-1]


def _mapping(arguments: tuple[Any, ...], data: object, place: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _error(place, f"not an object but {_shown(data)}")
    return {key: _decoded(arguments[1], value, f"{place}.{key}") for key, value in data.items()}


@cache
def _shape(kind: Any) -> tuple[tuple[str, Any, Any], ...]:
    """(name, type, default or MISSING) of each field. Cached, because resolving the types is slow."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name], _default(field)) for field in fields(kind))


def _default(field: "Field[Any]") -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _error(place: str, reason: str) -> RecordError:
    return RecordError(f"{place}: {reason}." if place else f"{reason}.")


def _shown(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:59]}…"
