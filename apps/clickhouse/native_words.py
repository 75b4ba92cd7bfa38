"""Texts and dictionaries of texts in ClickHouse's Native format: what `native` builds its columns from."""

import struct
from collections.abc import Sequence
from typing import Final

import msgspec

# What precedes a column with a dictionary: the version of its serialization.
VERSION: Final = struct.pack("<Q", 1)
_ADDITIONAL_KEYS: Final = 1 << 9
_UPDATE_DICTIONARY: Final = 1 << 10
_ONE_BYTE: Final = 1 << 8
_TWO_BYTES: Final = 1 << 16

_LONGEST_REMEMBERED: Final = 200
_MOST_REMEMBERED: Final = 4096


class Words(msgspec.Struct, frozen=True, tag="words", array_like=True):
    """A part of a LowCardinality(String): the different values, and for each row which one, by place.

    A place takes one byte, or two (little endian) where there are more than 256 values.
    """

    values: tuple[str, ...]
    places: bytes

    def __len__(self) -> int:
        return len(self.places) // self.width

    @property
    def width(self) -> int:
        """Bytes of a place."""
        return 1 if len(self.values) <= _ONE_BYTE else 2


def varint(number: int) -> bytes:
    """`number` (>= 0) as ClickHouse writes lengths: 7 bits a byte, the lowest first."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def text(value: str) -> bytes:
    """`value` after its length in bytes."""
    data = value.encode()
    return varint(len(data)) + data


def count_texts(data: bytes) -> int | None:
    """How many texts follow one another in `data`; None where the last one is cut."""
    position = count = 0
    while position < len(data):
        length = shift = 0
        while position < len(data) and data[position] >= 0x80:
            length |= (data[position] & 0x7F) << shift
            position, shift = position + 1, shift + 7
        if position == len(data):
            return None
        position += 1 + (length | data[position] << shift)
        count += 1
    return count if position == len(data) else None


class _Encoded(dict[str, bytes]):
    """Texts to their encoding. Sites send the same routes, selectors and labels again and again.

    At most _MOST_REMEMBERED short ones are remembered, some 2 MB; when it is full it begins anew, which is cheaper than
    to keep track of what was used last.
    """

    def __missing__(self, value: str) -> bytes:
        data = text(value)
        if len(data) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[value] = data
        return data


encoded: Final = _Encoded()


class _Places(dict[str, int]):
    """Values to their places, in the order in which they were first asked for."""

    def __missing__(self, value: str) -> int:
        self[value] = place = len(self)
        return place


def words(values: Sequence[str]) -> Words:
    """`values` as a part: each different one once."""
    known = _Places()
    places = list(map(known.__getitem__, values))
    return Words(tuple(known), bytes(places) if len(known) <= _ONE_BYTE else _little_endian("H", places))


def dictionary(parts: Sequence[Words]) -> bytes:
    """The values of all parts once, and all rows' places among them; nothing where there are no rows."""
    if not any(part.places for part in parts):
        return b""
    known = _Places()
    # For each part: where its values are in the common dictionary.
    moves = [[known[value] for value in part.values] for part in parts]
    pairs = zip(parts, moves, strict=True)
    if len(known) <= _ONE_BYTE:
        width, places = 0, b"".join([_moved(part.places, move) for part, move in pairs])
    else:
        width, code = (1, "H") if len(known) <= _TWO_BYTES else (2, "I")
        places = _little_endian(code, [move[place] for part, move in pairs for place in _places(part)])
    head = struct.pack("<QQ", _ADDITIONAL_KEYS | _UPDATE_DICTIONARY | width, len(known))
    return b"".join([head, *map(encoded.__getitem__, known), struct.pack("<Q", len(places) >> width), places])


def _moved(places: bytes, move: list[int]) -> bytes:
    if len(move) == 1:
        return bytes(move) * len(places)
    return places.translate(bytes(move).ljust(_ONE_BYTE, b"\0"))


def _places(part: Words) -> Sequence[int]:
    return part.places if part.width == 1 else struct.unpack(f"<{len(part)}H", part.places)


def _little_endian(code: str, numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}{code}", *numbers)
