"""Making texts storable: what cannot be stored is replaced, what is too long is cut, and both leave a flag."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

# NUL ends strings in too many programs that will read these texts; a lone surrogate has no UTF-8.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Shape:
    """The names on the wire of a struct's fields, and the characters that its texts may have."""

    names: frozenset[str]
    texts: Mapping[str, int]


def shape_of(struct: type[msgspec.Struct]) -> Shape:
    """The shape of `struct`, read from its annotations."""
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 for mypy: a Struct was passed
    texts: dict[str, int] = {}
    for field in info.fields:
        options = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        for option in options:
            if isinstance(option, msgspec.inspect.StrType) and option.max_length is not None:
                texts[field.encode_name] = option.max_length
    return Shape(frozenset(field.encode_name for field in info.fields), texts)


def mend(value: Mapping[str, object], shape: Shape, flags: set[str]) -> dict[str, object]:
    """The fields of `value` that `shape` knows, with their texts storable and short enough.

    Adds `sanitized` and `cut` to `flags` where that took a change.
    """
    fields = {name: item for name, item in value.items() if name in shape.names}
    for name, limit in shape.texts.items():
        text = fields.get(name)
        if not isinstance(text, str):
            continue
        clean = mended(text)
        if clean != text:
            flags.add("sanitized")
        if len(clean) > limit:
            flags.add("cut")
        fields[name] = clean[:limit]
    return fields


def mend_inner(value: object, shape: Shape, flags: set[str]) -> object:
    """`value` mended if it is an object; anything else as it is, for whoever converts it to judge."""
    return mend(value, shape, flags) if isinstance(value, dict) else value


def mended(text: str) -> str:
    """`text` with NUL and lone surrogates as U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
