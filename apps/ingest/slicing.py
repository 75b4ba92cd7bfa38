"""Where a batch's events stand in its text, found without parsing them.

So each event is parsed by itself, and no text makes more objects at a time than its largest acceptable event does: two
megabytes of `[],[],[]` would be 700,000 lists.
"""

import json
import re
from dataclasses import dataclass

from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal
from apps.ingest.structure import without_escapes

# Where commas count, and within a value, where they do not.
_TOKEN = re.compile(rb'"[^"]*"|[\[{]|[\]},]')
_NESTING = re.compile(rb'"[^"]*"|([\[{])|([\]}])')
_SPACE = re.compile(rb"[ \t\n\r]*")
_OPENING = b"[{"


@dataclass(frozen=True)
class Slices:
    """A batch's text, cut up: `before` ends with the bracket that opens its events, `after` begins with the other one.

    `events` are the places of the events in the text, from and to, spaces around them included. Where the text has no
    array of events all of it is in `before`.
    """

    before: bytes
    after: bytes
    events: list[tuple[int, int]]


def slices_of(body: bytes, limits: Limits) -> Slices:
    """The slices of `body`, whose brackets are known to be balanced.

    Raises Refusal: 413 for too many events, 400 for what cannot be a batch. What is between two commas is not looked
    at: it may be no JSON at all.
    """
    # Of the same length, so that places are the same.
    text = bytearray(body)
    for begin, piece in without_escapes(body):
        text[begin : begin + len(piece)] = piece
    space = _SPACE.match(text)
    at = space.end() if space is not None else 0
    if text[at : at + 1] != b"{" and len(body) > limits.event_bytes:
        raise Refusal(400, "malformed", "The body is not JSON, or is no object.")
    found = _events_of(body, text, at, limits)
    if found is None:
        _refuse_large(len(body), limits)
        return Slices(body, b"", [])
    begin, end, events = found
    _refuse_large(len(body) - (end - begin), limits)
    return Slices(body[:begin], body[end:], events)


def _events_of(
    body: bytes, text: bytearray, begin: int, limits: Limits
) -> tuple[int, int, list[tuple[int, int]]] | None:
    """Of the batch that begins at `begin`: the inside of its array of events, and each event in it, from and to.

    None where it has no such array, or is no object.
    """
    if text[begin : begin + 1] != b"{":
        return None
    at = begin + 1
    key: bytes | None = None
    while (token := _TOKEN.search(text, at)) is not None:
        _refuse_large(token.start() - begin, limits)
        place, first = token.start(), token[0][:1]
        at = token.end()
        if first == b'"':
            key = key or body[place:at]
        elif first == b"[" and key is not None and _is_events(key):
            return _items_of(text, at, limits)
        elif first in _OPENING:
            at = _end_of(text, place)
        elif first == b",":
            key = None
        else:
            break
    return None


def _is_events(key: bytes) -> bool:
    try:
        return key == b'"events"' or (b"\\" in key and json.loads(key) == "events")
    except ValueError:
        return False


def _items_of(text: bytearray, begin: int, limits: Limits) -> tuple[int, int, list[tuple[int, int]]]:
    """What `_events_of` returns, for the array whose inside begins at `begin`."""
    items: list[tuple[int, int]] = []
    start = at = begin
    empty = True
    while (token := _TOKEN.search(text, at)) is not None:
        first = token[0][:1]
        if first == b'"' or first in _OPENING:
            if not empty:
                raise Refusal(400, "malformed", "The body is not JSON: a comma is missing between two events.")
            empty = False
            at = token.end() if first == b'"' else _end_of(text, token.start())
            continue
        place = token.start()
        if first == b",":
            items.append((start, place))
            if len(items) >= limits.events:
                raise Refusal(413, "too_many_events", f"A batch holds at most {limits.events} events. Split it.")
            start = at = token.end()
            empty = True
            continue
        if items or _SPACE.fullmatch(text, start, place) is None:
            items.append((start, place))
        return begin, place, items
    raise Refusal(400, "malformed", "The body is not JSON: the array of events does not end.")


def _end_of(text: bytearray, place: int) -> int:
    """Where the object or array that begins at `place` ends."""
    depth = 0
    for token in _NESTING.finditer(text, place):
        if token.lastindex is None:
            continue
        depth += 1 if token.lastindex == 1 else -1
        if depth == 0:
            return token.end()
    raise Refusal(400, "malformed", "The body is not JSON: an object or array does not end.")


def _refuse_large(size: int, limits: Limits) -> None:
    """Raises Refusal where a batch has `size` bytes besides its events, and that is more than an event may have."""
    if size > limits.event_bytes:
        raise Refusal(
            400,
            "invalid_batch",
            f"The body is no batch: besides its events it has more than {limits.event_bytes} bytes.",
        )
