"""From decoded events to the columns of the event store. Pure.

A column is built in one go, as this is the part of the hot path whose cost grows with the events. Most of a batch's
columns have one value, and most fields are told by few events.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from apps.clickhouse.native import ByKey, Same
from apps.events.store import Column, EventColumns
from apps.ingest import times
from apps.ingest.decoding import Decoded
from apps.ingest.tables import Table
from apps.ingest.wire import Batch, Context

_NO_CONTEXT = Context()
_encoder = msgspec.json.Encoder()
# A file's name with what a build puts in of its content (`index-DfziA8ce.js`, `main.3f2a1b9c.js`): eight characters or
# more, and not small letters alone. Each part has a bound, as what is told may be anything.
_BUILT = re.compile(r".{0,100}[-.](?=[a-z_-]{0,63}[A-Z\d])[\w-]{8,64}(\.\w{1,9}){1,2}", re.ASCII)


def columns_of(decoded: Decoded, *, project_id: int, retention_days: int, received: int) -> EventColumns:
    """The rows of `decoded`, a batch that came in at `received` (ms since 1970)."""
    batch, tables = decoded.batch, decoded.tables
    events, elements = tables.events, tables.elements
    ctx = batch.ctx or _NO_CONTEXT
    origin = int(batch.origin)
    skew = times.skew_of(origin=origin, sent_mono=int(batch.sentMono), received=received)
    t = list(map(int, events.columns["t"]))
    placings = times.place_all(origin=origin, ts=t, skew=skew, received=received)
    types = events.columns["type"]
    return EventColumns(
        rows=tables.rows,
        project_id=Same(project_id),
        session_id=Same(batch.sid),
        page_id=Same(batch.page),
        n=events.columns["n"],
        t=t,
        client_ts=placings.client_ts,
        ts=placings.ts,
        flags=[placed + mended for placed, mended in zip(placings.flags, decoded.flags, strict=True)],
        evaluable=placings.evaluable,
        type=types,
        route=_texts(events, "route"),
        environment=Same(ctx.environment or ""),
        release=Same(ctx.release or ""),
        device=Same(ctx.device or ""),
        user_id=Same(ctx.user or ""),
        element=_texts(elements, "sel"),
        element_role=_texts(elements, "role"),
        element_label=_texts(elements, "label"),
        element_kind=_texts(elements, "kind"),
        clickable=list(map(bool, elements.columns["click"])) if elements.told["click"] else Same(False),
        x=_integers(events, "x"),
        y=_integers(events, "y"),
        answers=_answers(tables.answers),
        background_rate=[rate or 0.0 for rate in events.columns["bg"]] if events.told["bg"] else Same(0.0),
        observed_ms=_integers(events, "observed"),
        subtype=_by_type(
            types,
            page=events.columns["nav"],
            submit=events.columns["how"],
            field=events.columns["how"],
            leave=events.columns["how"],
            interaction=events.columns["how"],
            error=events.columns["kind"],
            request=events.columns["method"],
            track=events.columns["name"],
        ),
        status=events.columns["status"] if events.told["status"] else Same(None),
        duration_ms=_integers(events, "dur"),
        error_group=_by_type(types, error=_error_groups(events, types), request=_request_groups(events, types)),
        message=_by_type(
            types, error=events.columns["message"], request=events.columns["url"], page=events.columns["from_"]
        ),
        form=_by_type(types, submit=elements.columns["sel"], field=events.columns["form"]),
        facts=_facts(events, types, batch, ctx),
        retention_days=Same(retention_days),
    )


def _texts(table: Table, name: str) -> Column[str]:
    if not table.told[name]:
        return Same("")
    column = table.columns[name]
    return [text or "" for text in column] if None in column else column


def _integers(table: Table, name: str) -> Column[int]:
    return [int(number or 0) for number in table.columns[name]] if table.told[name] else Same(0)


def _answers(answers: Table) -> ByKey:
    kinds = tuple(kind for kind, told in answers.told.items() if told)
    return ByKey(kinds, [answers.columns[kind] for kind in kinds])


def _by_type(types: Sequence[str], **sources: Sequence[str | None]) -> Column[str]:
    """For each event what the source that its type has says of it, "" where it has none or that says nothing.

    A field that belongs to other types is ignored, whatever it says.
    """
    if sources.keys().isdisjoint(types):
        return Same("")
    return [sources[kind][row] or "" if kind in sources else "" for row, kind in enumerate(types)]


def _error_groups(events: Table, types: Sequence[str]) -> Sequence[str]:
    """For each error its group, made of its message and source where it names none; nothing of the others is read.

    The next build of the same source makes the same group.
    """
    if "error" not in types:
        return ()
    columns = events.columns
    return [
        (group or _digest(f"{message or ''} {_unbuilt(source or '')}")) if kind == "error" else ""
        for kind, group, message, source in zip(
            types, columns["group"], columns["message"], columns["source"], strict=True
        )
    ]


def _unbuilt(source: str) -> str:
    """A script's path, with an id for a file that is named after its content, as the SDK tells some of them already."""
    folder, slash, name = source.rpartition("/")
    return f"{folder}{slash}:id" if _BUILT.fullmatch(name) else source


def _digest(text: str) -> str:
    """The same for the same text, everywhere and always; 16 hexadecimal digits."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _request_groups(events: Table, types: Sequence[str]) -> Sequence[str]:
    """For each request its method, address and status; nothing of the others is read."""
    if "request" not in types:
        return ()
    columns = events.columns
    return [
        f"{method or ''} {url or ''} {status or 0}" if kind == "request" else ""
        for kind, method, url, status in zip(types, columns["method"], columns["url"], columns["status"], strict=True)
    ]


# What the types tell and no column holds: fields and their names on the wire. Fractions of px and ms are not stored.
_FACTS: Final[Mapping[str, Mapping[str, str]]] = {
    "click": {
        "detail": "detail",
        "mods": "mods",
        "ptr": "ptr",
        "button": "button",
        "shift": "shift",
        "shift_ago": "shiftAgo",
    },
    "field": {"edits": "edits", "clears": "clears"},
    "error": {"source": "source"},
    "scroll": {"dist": "dist"},
    "pointer": {"turns": "turns", "dist": "dist"},
    "zoom": {"scale": "scale"},
    "copy": {"age": "age"},
}


def _facts(events: Table, types: Sequence[str], batch: Batch, ctx: Context) -> Column[str]:
    """For each event its facts, as JSON. What was not told is left out."""
    present = set(types)
    told = {
        kind: list(zip(*(events.columns[field] for field in fields), strict=True))
        for kind, fields in _FACTS.items()
        if kind in present
    }
    facts = [_JSON[kind][told[kind][row]] if kind in told else "{}" for row, kind in enumerate(types)] if told else []
    if "page" in present:
        page = _json_of_page(batch, ctx)
        return [
            page if kind == "page" else text for kind, text in zip(types, facts or ["{}"] * len(types), strict=True)
        ]
    return facts or Same("{}")


class _Json(dict[tuple[str | float | None, ...], str]):
    """The fields of one type's facts to their JSON: the same few clicks come again and again.

    At most _MOST_REMEMBERED short ones are remembered, some 1 MB; when it is full it begins anew.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def __missing__(self, values: tuple[str | float | None, ...]) -> str:
        told = {
            name: int(value) if isinstance(value, float) else value
            for name, value in zip(self._names, values, strict=True)
            if value is not None
        }
        text = _encoder.encode(told).decode()
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[values] = text
        return text


_LONGEST_REMEMBERED: Final = 200
_MOST_REMEMBERED: Final = 1024
_JSON: Final = {kind: _Json(tuple(fields.values())) for kind, fields in _FACTS.items()}


def _json_of_page(batch: Batch, ctx: Context) -> str:
    facts = {"viewport": ctx.viewport, "lang": ctx.lang, "sdk": batch.sdk}
    return _encoder.encode({name: value for name, value in facts.items() if value is not None}).decode()
