"""Bodies of the largest size allowed, each of which makes a careless reader hold many times as much."""

import gzip
import json
import random
from functools import cache

from tests.ingest.batches import batch, click, encoded

# Bytes: what the default of INGEST_MAX_INFLATED_BYTES allows, with room for the batch around it.
INFLATED = 2 * 1024 * 1024
_ROOM = INFLATED - 4096


def _full(unit: bytes) -> bytes:
    return unit * (_ROOM // len(unit))


def _events(unit: bytes) -> bytes:
    """A batch whose events are `unit` again and again."""
    return encoded(batch()).replace(b'"events":[', b'"events":[' + _full(unit + b","))


def _inside(opening: bytes, unit: bytes, closing: bytes) -> bytes:
    """A batch with a good event and one in which an unknown field is `unit` again and again."""
    whole = encoded(batch(click(1), click(2, new="HERE")))
    return whole.replace(b'"HERE"', opening + _full(unit) + closing)


def _spaces_and_noise() -> bytes:
    """A batch with one event, too large of itself, and nearly as large a body before inflating as after."""
    noise = random.Random(1).randbytes(400_000).hex()
    body = encoded(batch(click(1, message="HERE")))
    return body.replace(b'"HERE"', b" " * (_ROOM - len(noise)) + b'"' + noise.encode() + b'"')


def _clicks(message: str, *, ascii_only: bool = False) -> bytes:
    value = batch(*(click(n, message=message) for n in range(500)))
    return json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only).encode()


# By name: the body before compression, and the status that it must get.
LARGE: dict[str, tuple[bytes, int]] = {
    "quotes": (_full(b'"'), 400),
    "short texts": (_full(b'"ab'), 400),
    "backslashes": (b'"' + _full(b"\\"), 400),
    "opening brackets": (_full(b"["), 400),
    "closing brackets": (_full(b"]"), 400),
    "flat brackets": (_full(b"[]"), 400),
    "objects in objects": (_full(b'{"a":'), 400),
    "digits": (b'{"v":' + _full(b"9") + b"}", 400),
    "spaces": (_full(b" "), 400),
    "NUL": (_full(b"\0"), 400),
    "colons": (_full(b":"), 400),
    "commas": (_full(b","), 400),
    "invalid UTF-8": (_full(b"\xff"), 400),
    "events that are lists": (_events(b"[]"), 413),
    "events that are empty": (_events(b"{}"), 413),
    "events that are numbers": (_events(b"1"), 413),
    "events that are texts": (_events(b'""'), 413),
    "many tiny events": (_events(b'{"n":1,"t":1,"type":"page"}'), 413),
    "an event of lists": (_inside(b"[", b"[],", b"1]"), 200),
    "an event of objects": (_inside(b"[", b'{"a":1},', b"1]"), 200),
    "an event of numbers": (_inside(b"[", b"1.5,", b"1]"), 200),
    "an event of texts": (_inside(b"[", b'"abc",', b"1]"), 200),
    "an event of one text": (_inside('"😀'.encode(), b"a", b'"'), 200),
    "an event with a key again and again": (_inside(b"{", b'"a":1,', b'"b":1}'), 200),
    # What does not become much smaller on the wire either.
    "an event of spaces": (_spaces_and_noise(), 200),
    "an event with many keys": (
        encoded(batch(click(1), click(2, **{f"{key:x}": 1 for key in range(150_000)}))),
        200,
    ),
    "a batch of one text": (encoded(batch(new="a" * _ROOM)), 400),
    "a batch with many fields": (b"{" + _full(b'"a":1,') + encoded(batch())[1:], 400),
    "500 ordinary events": (_clicks("m" * 3700), 200),
    # One such character makes Python take four bytes for each.
    "500 events with an emoji": (_clicks("😀" + "m" * 3700), 200),
    "500 events of emoji": (_clicks("😀" * 920), 200),
    "500 events of escapes": (_clicks('"' * 1800), 200),
    "500 events of escaped emoji": (_clicks("😀" * 300, ascii_only=True), 200),
    "500 events of control characters": (_clicks("\0" * 600, ascii_only=True), 200),
}


@cache
def bombs() -> dict[str, tuple[bytes, int]]:
    """Compressed bodies that inflate to far more than allowed, by name, with the status that each must get."""
    zeros = gzip.compress(b"\0" * 50_000_000, compresslevel=9)
    return {
        "50 MB in 50 KB": (zeros, 413),
        "gzip in gzip": (gzip.compress(zeros), 400),
        "16 members": (gzip.compress(b"\0" * 1_000_000) * 16, 413),
        "17 empty members": (gzip.compress(b"") * 17, 400),
        "20,000 empty members": (gzip.compress(b"") * 20_000, 400),
        "stored, not compressed": (gzip.compress(b" " * 500_000, compresslevel=0), 400),
    }
