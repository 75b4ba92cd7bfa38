"""From a body to events: each event is taken or rejected by itself.

Two ways lead to the same result. The *quick* one decodes the whole batch in one call of msgspec and takes it if there
is nothing to find fault with: no field is unknown, and the body has just the quotation marks that what was decoded
needs, so that no key stood twice. Everything else goes the *careful* way: Python's JSON reader, which lets us see keys
that stand twice and texts to be mended, for one event after the other. A test holds the two together.
"""

import json
from dataclasses import dataclass, field
from typing import Final

import msgspec

from apps.ingest.limits import Limits
from apps.ingest.mending import mend, mend_inner, mended, shape_of
from apps.ingest.refusal import Refusal
from apps.ingest.slicing import Slices, slices_of
from apps.ingest.structure import deeper_than
from apps.ingest.tables import Tables, quotes_of, tables_of
from apps.ingest.wire import EVENT_TYPES, VERSION, Answers, Batch, Context, Element, Event

MAX_DEPTH: Final = 16
MAX_KEYS: Final = 64


class Rejected(msgspec.Struct, frozen=True):
    """An event that was not taken. `index` is its place in the batch; `n` is None where the event has none to tell."""

    index: int
    n: int | None
    code: str
    detail: str


@dataclass
class Decoded:
    """A batch's events that can be stored, what happened to their texts (pairwise), and the others.

    `accepted` counts the first, also those that stood in the batch more than once.
    """

    batch: Batch
    flags: list[tuple[str, ...]]
    tables: Tables
    rejected: list[Rejected] = field(default_factory=list)
    accepted: int = 0

    def drop_repeated(self, seen: set[int]) -> None:
        """Keeps the first event of each `n` that is not in `seen`, and adds them to it.

        Nothing would tell which of two in one insert came first.
        """
        numbers = self.tables.events.columns["n"]
        different = set(numbers)
        if len(different) < len(numbers) or not seen.isdisjoint(different):
            first = {n: place for place, n in reversed(list(enumerate(numbers)))}
            places = sorted(place for n, place in first.items() if n not in seen)
            self.batch.events = [self.batch.events[place] for place in places]
            self.flags = [self.flags[place] for place in places]
            self.tables = tables_of(self.batch.events)
        seen |= different


def decode(body: bytes, limits: Limits) -> Decoded:
    """The events of `body`. `batch.events` holds only those taken, each `n` once.

    Raises Refusal when the body is not a batch: 400, or 413 when it has too many events.
    """
    decoded = _quickly(body, limits) or _carefully(body, limits)
    decoded.accepted = decoded.tables.rows
    decoded.drop_repeated(set())
    return decoded


# --- the quick way

_batch_decoder = msgspec.json.Decoder(Batch)


class _RawEvents(msgspec.Struct):
    events: list[msgspec.Raw]


_raw_decoder = msgspec.json.Decoder(_RawEvents)


def _quickly(body: bytes, limits: Limits) -> Decoded | None:
    """None when there is anything that only the careful way can judge.

    Nothing here goes deeper into the body than the wire's types do: the first unknown field ends it.
    """
    quotes = body.count(b'"')
    if b"\\" in body:
        if b"\\u" in body:
            return None
        # Those in texts. First without the escaped backslashes, so that \\" is always an escaped quotation mark.
        quotes -= body.replace(b"\\\\", b"").count(b'\\"')
    try:
        batch = _batch_decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not 1 <= len(batch.events) <= limits.events:
        return None
    if len(body) > limits.event_bytes and max(_raw_sizes(body)) > limits.event_bytes:
        return None
    tables = tables_of(batch.events)
    if quotes != quotes_of(batch, tables):
        return None
    return Decoded(batch=batch, flags=[()] * tables.rows, tables=tables)


def _raw_sizes(body: bytes) -> list[int]:
    return [memoryview(raw).nbytes for raw in _raw_decoder.decode(body).events]


# --- the careful way

# More digits than any number we accept; Python's int() would refuse a few thousand of them with an error of its own.
_LONGEST_INTEGER = 20


_BATCH, _CONTEXT, _EVENT, _ELEMENT, _AFTER = (shape_of(kind) for kind in (Batch, Context, Event, Element, Answers))


@dataclass(frozen=True)
class _Fault:
    """Stands in the place of a JSON value that is not acceptable. `n` is what an object says under that name."""

    code: str
    detail: str
    n: object = None


def _object(pairs: list[tuple[str, object]]) -> object:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        n = None if twice == "n" else value.get("n")
        return _Fault("duplicate_key", f"The key {mended(twice)[:40]!r} stands twice in one object.", n)
    if len(pairs) > MAX_KEYS:
        return _Fault("too_many_keys", f"An object has {len(pairs)} keys; {MAX_KEYS} are allowed.", value.get("n"))
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _constant(name: str) -> _Fault:
    return _Fault("not_a_number", f"{name} is not JSON. Leave the field out, or send null.")


# strict=False lets control characters pass inside strings: NUL is mended below, and the others harm nobody.
_json = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_constant=_constant, strict=False)


def _carefully(body: bytes, limits: Limits) -> Decoded:
    slices = sliced(body, limits)
    batch, batch_flags = envelope(slices)
    all_flags: list[tuple[str, ...]] = []
    rejected: list[Rejected] = []
    for index, (begin, end) in enumerate(slices.events):
        text = body[begin:end].strip()
        if too_large := oversized(index, text, limits):
            rejected.append(too_large)
            continue
        value = _value_of(text)
        result = _event(value)
        if isinstance(result, _Fault):
            rejected.append(_rejected(index, value, result.code, result.detail))
        else:
            event, flags = result
            batch.events.append(event)
            all_flags.append(tuple(sorted(batch_flags | flags)))
    return Decoded(batch=batch, flags=all_flags, tables=tables_of(batch.events), rejected=rejected)


def sliced(body: bytes, limits: Limits) -> Slices:
    """Where the events of `body` stand in it. Raises Refusal where it is no JSON, too deep, or of too many events."""
    # Before anything that recurses sees the body.
    if deeper_than(body, MAX_DEPTH):
        raise Refusal(400, "malformed", f"The body is not JSON, or is nested deeper than {MAX_DEPTH}.")
    return slices_of(body, limits)


def _value_of(text: bytes) -> object:
    try:
        # Bytes that are not UTF-8 become lone surrogates, which are mended like those that were sent as such.
        return _json.decode(text.decode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise Refusal(400, "malformed", f"The body is not JSON: {_without_input(error)}.") from error


class _Numbered(msgspec.Struct):
    n: int | None = None


def oversized(index: int, text: bytes, limits: Limits) -> Rejected | None:
    """The rejection of the event `text` where it is too large. It is then read no further than to find its number."""
    if len(text) <= limits.event_bytes:
        return None
    try:
        n = msgspec.json.decode(text, type=_Numbered).n
    except (msgspec.MsgspecError, UnicodeDecodeError):
        n = None
    fault = _Fault("event_too_large", f"The event has {len(text)} bytes; {limits.event_bytes} are allowed.", n)
    return _rejected(index, fault, fault.code, fault.detail)


def envelope(slices: Slices) -> tuple[Batch, set[str]]:
    """The batch without its events, and the flags that its context's texts give every event.

    Raises Refusal where it is no batch.
    """
    value = _value_of(slices.before + slices.after)
    if isinstance(value, _Fault):
        raise Refusal(400, "invalid_batch", value.detail)
    if not isinstance(value, dict):
        raise Refusal(400, "invalid_batch", "The body must be one JSON object: a batch.")
    if value.get("v") != VERSION or isinstance(value["v"], bool):
        raise Refusal(
            400,
            "unsupported_version",
            f"This server reads version {VERSION} of the wire format; “v” must be {VERSION}. Use an SDK that fits.",
        )
    if not slices.events:
        raise Refusal(400, "invalid_batch", "“events” must be an array of at least one event.")
    fields = {key: item for key, item in value.items() if key != "events"}
    fault = _first_fault(fields)
    if fault is not None:
        raise Refusal(400, "invalid_batch", fault.detail)
    flags: set[str] = set()
    fields = mend(fields, _BATCH, set())
    fields["ctx"] = mend_inner(fields.get("ctx"), _CONTEXT, flags)
    try:
        batch = msgspec.convert({**fields, "v": VERSION, "events": []}, Batch)
    except msgspec.ValidationError as error:
        raise Refusal(400, "invalid_batch", f"The batch is not as it should be: {error}.") from error
    return batch, flags


def _event(value: object) -> tuple[Event, set[str]] | _Fault:
    if not isinstance(value, dict):
        return value if isinstance(value, _Fault) else _Fault("invalid_event", "An event must be an object.")
    fault = _first_fault(value)
    if fault is not None:
        return fault
    kind = value.get("type")
    if isinstance(kind, str) and kind not in EVENT_TYPES:
        return _Fault("unknown_type", f"There is no event type {mended(kind)[:40]!r} in version {VERSION}.")
    flags: set[str] = set()
    fields = mend(value, _EVENT, flags)
    fields["el"] = mend_inner(fields.get("el"), _ELEMENT, flags)
    fields["after"] = mend_inner(fields.get("after"), _AFTER, flags)
    try:
        return msgspec.convert(fields, Event), flags
    except msgspec.ValidationError as error:
        return _Fault("invalid_field", str(error))


def _first_fault(value: object) -> _Fault | None:
    """The first fault anywhere in `value`, whose depth was checked."""
    if isinstance(value, _Fault):
        return value
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((fault for item in items if (fault := _first_fault(item)) is not None), None)


def _rejected(index: int, value: object, code: str, detail: str) -> Rejected:
    n = value.get("n") if isinstance(value, dict) else value.n if isinstance(value, _Fault) else None
    # Only a number that an event may have: the sender looks it up among its own.
    known = n if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**32 else None
    return Rejected(index=index, n=known, code=code, detail=detail)


def _without_input(error: ValueError) -> str:
    """What is wrong, without a word of the body."""
    return error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
