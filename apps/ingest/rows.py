"""From decoded events to the columns of the event store. Pure.

A column is built in one go, as this is the part of the hot path whose cost grows with the events.
"""

import msgspec

from apps.events.store import EventColumns
from apps.ingest import times
from apps.ingest.decoding import Decoded
from apps.ingest.wire import Answers, Batch, Context, Element, Event

_NO_ELEMENT = Element()
_NO_CONTEXT = Context()
_ANSWERS = Answers.__struct_fields__
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
    placings = [times.place(origin=origin, t=t, skew=skew, received=received) for t in ts]
    elements = [event.el or _NO_ELEMENT for event in events]
    return EventColumns(
        project_id=[project_id] * rows,
        session_id=[batch.sid] * rows,
        page_id=[batch.page] * rows,
        n=[event.n for event in events],
        t=ts,
        client_ts=[placing.client_ts for placing in placings],
        ts=[placing.ts for placing in placings],
        flags=[placing.flags + flags for placing, flags in zip(placings, decoded.flags, strict=True)],
        evaluable=[placing.evaluable for placing in placings],
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
    return {kind: int(ms) for kind in _ANSWERS if (ms := getattr(after, kind)) is not None}


def _subtype(event: Event) -> str:
    match event.type:
        case "page":
            return event.nav or ""
        case "submit":
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
            return event.group or ""
        case "request":
            return f"{event.method or ''} {event.url or ''} {event.status or 0}"
        case _:
            return ""


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


def _facts(event: Event, batch: Batch, ctx: Context) -> str:
    """What a type tells and no column holds, as JSON without what was not told."""
    facts: dict[str, object]
    match event.type:
        case "click":
            facts = {"detail": event.detail, "mods": event.mods, "ptr": event.ptr, "button": event.button}
        case "field":
            facts = {"edits": event.edits, "clears": event.clears}
        case "error":
            facts = {"source": event.source}
        case "page":
            facts = {"viewport": ctx.viewport, "lang": ctx.lang, "sdk": batch.sdk}
        case _:
            return "{}"
    return _encoder.encode({name: fact for name, fact in facts.items() if fact is not None}).decode()
