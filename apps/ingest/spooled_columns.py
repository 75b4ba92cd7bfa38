"""A batch's columns as the bytes that the spool keeps: MessagePack of name → values, deflated. Pure."""

import zlib
from dataclasses import fields

import msgspec

from apps.events.store import EventColumns

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(EventColumns)


class DamagedPayloadError(Exception):
    """The bytes are not what `pack` made, or were made by another version with other columns."""


def pack(columns: EventColumns) -> bytes:
    """`columns` as bytes. Level 1: twice as fast as the default for a tenth more bytes, and requests wait for it."""
    return zlib.compress(_encoder.encode(columns), level=1)


def unpack(payload: bytes) -> EventColumns:
    """What `pack` was given. Raises DamagedPayloadError."""
    try:
        columns = _decoder.decode(zlib.decompress(payload))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise DamagedPayloadError(f"{type(error).__name__}: {error}") from error
    uneven = [column.name for column in fields(columns) if len(getattr(columns, column.name)) != columns.rows]
    if uneven:
        raise DamagedPayloadError(f"Columns without a value for every event: {', '.join(uneven)}.")
    return columns
