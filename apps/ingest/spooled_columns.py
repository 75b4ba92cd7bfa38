"""A batch's encoded columns as the bytes that the spool keeps: MessagePack, deflated. Pure."""

import zlib

import msgspec

from apps.events.store import KINDS, EncodedEvents

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(EncodedEvents)


class DamagedPayloadError(Exception):
    """The bytes are not what `pack` made, or were made by another version with other columns."""


def pack(events: EncodedEvents) -> bytes:
    """`events` as bytes. Level 1: twice as fast as the default for a tenth more bytes, and requests wait for it."""
    return zlib.compress(_encoder.encode(events), level=1)


def unpack(payload: bytes) -> EncodedEvents:
    """What `pack` was given. Raises DamagedPayloadError."""
    try:
        events = _decoder.decode(zlib.decompress(payload))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise DamagedPayloadError(f"{type(error).__name__}: {error}") from error
    others = events.parts.keys() ^ KINDS.keys()
    if others:
        raise DamagedPayloadError(
            f"Columns that are missing, or that this version does not have: {', '.join(sorted(others))}."
        )
    uneven = [name for name, kind in KINDS.items() if kind.rows(events.parts[name]) != events.rows]
    if uneven:
        raise DamagedPayloadError(f"Columns without a value for every event: {', '.join(uneven)}.")
    return events
