"""From decoded events to the columns of the event store. Pure.

A column is built in one go, as this is the part of the hot path whose cost grows with the events.
"""

import hashlib

import msgspec

from apps.events.store import EventColumns
from apps.ingest import times
from apps.ingest.decoding import Decoded
from apps.ingest.wire import Answers, Batch, Context, Element, Event

_NO_ELEMENT = Element()
_NO_CONTEXT = Context()
_encoder = msgspec.json.Encoder()


def columns_of(decoded: Decoded, *, project_id: int, retention_days: int, received: int) -> EventColumns:
    """The rows of `decoded`, a batch that came in at `received` (ms since 1970)."""
    batch = decoded.batch
    events = batch.events
    rows = len(events)
    ctx = batch.ctx or _NO_CONTEXT
    origin = int(batch.origin)
    skew = times.skew_of(origin=origin, sent_mono=int(batch.sentMono), received=received)
    ts = [int(event.t) for event in events]
    placings = times.place_all(origin=origin, ts=ts, skew=skew, received=received)
    elements = [event.el or _NO_ELEMENT for event in events]
    return EventColumns(
        project_id=[project_id] * rows,
        session_id=[batch.sid] * rows,
        page_id=[batch.page] * rows,
        n=[event.n for event in events],
        t=ts,
        client_ts=placings.client_ts,
        ts=placings.ts,
        flags=[placed + mended for placed, mended in zip(placings.flags, decoded.flags, strict=True)],
        evaluable=placings.evaluable,
        type=[event.type for event in events],
        route=[event.route or "" for event in events],
        environment=[ctx.environment or ""] * rows,
        release=[ctx.release or ""] * rows,
        device=[ctx.device or ""] * rows,
        user_id=[ctx.user or ""] * rows,
        element=[element.sel or "" for element in elements],
        element_role=[element.role or "" for element in elements],
        element_label=[element.label or "" for element in elements],
        element_kind=[element.kind or "" for element in elements],
        clickable=[bool(element.click) for element in elements],
        x=[int(event.x or 0) for event in events],
        y=[int(event.y or 0) for event in events],
        answers=[_answers(event.after) for event in events],
        background_rate=[event.bg or 0.0 for event in events],
        observed_ms=[int(event.observed or 0) for event in events],
        subtype=[_subtype(event) for event in events],
        status=[event.status for event in events],
        duration_ms=[int(event.dur or 0) for event in events],
        error_group=[_error_group(event) for event in events],
        message=[_message(event) for event in events],
        form=[_form(event, element) for event, element in zip(events, elements, strict=True)],
        facts=[_facts(event, batch, ctx) for event in events],
        retention_days=[retention_days] * rows,
    )


def _answers(after: Answers | None) -> dict[str, int]:
    if after is None:
        return {}
    # Without what is None, which is every field's default.
    return {kind: int(ms) for kind, ms in msgspec.to_builtins(after).items()}


def _subtype(event: Event) -> str:
    match event.type:
        case "page":
            return event.nav or ""
        case "submit" | "interaction":
            return event.how or ""
        case "error":
            return event.kind or ""
        case "request":
            return event.method or ""
        case "track":
            return event.name or ""
        case _:
            return ""


def _error_group(event: Event) -> str:
    match event.type:
        case "error":
            return event.group or _digest(f"{event.message or ''} {event.source or ''}")
        case "request":
            return f"{event.method or ''} {event.url or ''} {event.status or 0}"
        case _:
            return ""


def _digest(text: str) -> str:
    """The same for the same text, everywhere and always; 16 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _message(event: Event) -> str:
    match event.type:
        case "error":
            return event.message or ""
        case "request":
            return event.url or ""
        case "page":
            return event.from_ or ""
        case _:
            return ""


def _form(event: Event, element: Element) -> str:
    match event.type:
        case "submit":
            return element.sel or ""
        case "field":
            return event.form or ""
        case _:
            return ""


class _Facts(msgspec.Struct, omit_defaults=True, gc=False):
    """What the types tell and no column holds. What is None was not told, and is left out of the JSON."""

    detail: int | None = None
    mods: str | None = None
    ptr: str | None = None
    button: int | None = None
    edits: int | None = None
    clears: int | None = None
    source: str | None = None
    viewport: tuple[float, float] | None = None
    lang: str | None = None
    sdk: str | None = None
    dist: int | None = None
    turns: int | None = None
    scale: int | None = None
    age: int | None = None
    shift: int | None = None
    shift_ago: int | None = msgspec.field(default=None, name="shiftAgo")


def _facts(event: Event, batch: Batch, ctx: Context) -> str:
    """The facts of `event`, as JSON."""
    match event.type:
        case "click":
            facts = _Facts(
                detail=event.detail,
                mods=event.mods,
                ptr=event.ptr,
                button=event.button,
                shift=_whole(event.shift),
                shift_ago=_whole(event.shift_ago),
            )
        case "field":
            facts = _Facts(edits=event.edits, clears=event.clears)
        case "error":
            facts = _Facts(source=event.source)
        case "page":
            facts = _Facts(viewport=ctx.viewport, lang=ctx.lang, sdk=batch.sdk)
        case "scroll":
            facts = _Facts(dist=_whole(event.dist))
        case "pointer":
            facts = _Facts(turns=event.turns, dist=_whole(event.dist))
        case "zoom":
            facts = _Facts(scale=event.scale)
        case "copy":
            facts = _Facts(age=_whole(event.age))
        case _:
            return "{}"
    return _encoder.encode(facts).decode()


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
