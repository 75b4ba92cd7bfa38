"""Columns made field by field say of each event what a reading of it alone says."""

import hashlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.clickhouse.native import Same
from apps.events.store import KINDS, EventColumns, encode
from apps.ingest import decoding
from apps.ingest.limits import Limits
from apps.ingest.rows import columns_of
from apps.ingest.wire import EVENT_TYPES
from tests.ingest.batches import batch, encoded, now_ms

LIMITS = Limits(wire_bytes=10**6, inflated_bytes=10**6, events=500, event_bytes=10**6)
Json = dict[str, Any]

_words = st.sampled_from(["", "a", "b c", "é", "2"])
_counts = st.sampled_from([0, 1, 2, 7])
_fractions = st.sampled_from([0, 0.0, 1, 1.0, 2.9, 5000.25])
_elements = st.fixed_dictionaries(
    {}, optional={"sel": _words, "role": _words, "label": _words, "kind": _words, "click": st.booleans()}
)
_after = st.fixed_dictionaries(
    {}, optional={"mut": _fractions, "req": _fractions, "nav": _fractions, "err": _fractions}
)
_WORDS = (
    "route",
    "mods",
    "ptr",
    "nav",
    "from",
    "how",
    "form",
    "kind",
    "group",
    "message",
    "source",
    "method",
    "url",
    "name",
)
_COUNTS = ("detail", "button", "edits", "clears", "turns", "scale", "status")
_FRACTIONS = ("x", "y", "bg", "observed", "dur", "dist", "age", "shift", "shiftAgo")
# Every type with every field, also those that it does not have.
_events = st.fixed_dictionaries(
    {"t": _fractions, "type": st.sampled_from(sorted(EVENT_TYPES))},
    optional={
        **dict.fromkeys(_WORDS, _words),
        **dict.fromkeys(_COUNTS, _counts),
        **dict.fromkeys(_FRACTIONS, _fractions),
        "el": _elements,
        "after": _after,
    },
)


def digest(message: str, source: str) -> str:
    """What an error without a group is grouped by."""
    return hashlib.blake2b(f"{message} {source}".encode(), digest_size=8).hexdigest()


def expected(event: Json) -> Json:
    """What is stored of `event`, read by itself: docs/wire.md in another form."""
    el, kind = event.get("el", {}), event["type"]

    def text(name: str) -> str:
        return str(event.get(name, ""))

    facts = {
        "click": ["detail", "mods", "ptr", "button", "shift", "shiftAgo"],
        "field": ["edits", "clears"],
        "error": ["source"],
        "scroll": ["dist"],
        "pointer": ["turns", "dist"],
        "zoom": ["scale"],
        "copy": ["age"],
    }.get(kind, [])
    return {
        "t": int(event["t"]),
        "type": kind,
        "route": text("route"),
        "element": el.get("sel", ""),
        "element_role": el.get("role", ""),
        "element_label": el.get("label", ""),
        "element_kind": el.get("kind", ""),
        "clickable": el.get("click", False),
        "x": int(event.get("x", 0)),
        "y": int(event.get("y", 0)),
        "answers": {name: int(ms) for name, ms in event.get("after", {}).items()},
        "background_rate": event.get("bg", 0.0),
        "observed_ms": int(event.get("observed", 0)),
        "subtype": text(
            {"page": "nav", "submit": "how", "field": "how", "leave": "how", "interaction": "how", "error": "kind",
             "request": "method", "track": "name"}.get(kind, "none")
        ),
        "status": event.get("status"),
        "duration_ms": int(event.get("dur", 0)),
        "error_group": {
            "error": text("group") or digest(text("message"), text("source")),
            "request": f"{text('method')} {text('url')} {event.get('status', 0)}",
        }.get(kind, ""),
        "message": text({"error": "message", "request": "url", "page": "from"}.get(kind, "none")),
        "form": el.get("sel", "") if kind == "submit" else text("form") if kind == "field" else "",
        "facts": {"viewport": [1440, 900], "lang": "en", "sdk": "0.1.0"}
        if kind == "page"
        else {name: int(event[name]) if name in {"dist", "age", "shift", "shiftAgo"} else event[name]
              for name in facts if name in event},
    }  # fmt: skip


def told(columns: EventColumns, row: int) -> Json:
    """The same of one row of `columns`."""
    values: Json = {}
    for name in expected({"type": "leave", "t": 0}):
        column = getattr(columns, name)
        if name == "answers":
            values[name] = {key: int(each[row]) for key, each in zip(*column, strict=True) if each[row] is not None}
        else:
            values[name] = column.value if isinstance(column, Same) else column[row]
    return {**values, "facts": json.loads(values["facts"])}


@settings(max_examples=300)
@given(events=st.lists(_events, min_size=1, max_size=12))
def test_each_row_says_what_its_event_says_alone(events: list[Json]) -> None:
    events = [{"n": n, **event} for n, event in enumerate(events)]
    ctx = {"viewport": [1440, 900], "lang": "en"}
    body = encoded({**batch(*events), "sdk": "0.1.0", "ctx": ctx})
    columns = columns_of(decoding.decode(body, LIMITS), project_id=1, retention_days=90, received=now_ms())
    assert [told(columns, row) for row in range(columns.rows)] == [expected(event) for event in events]
    encoded_events = encode(columns)
    assert {kind.rows(encoded_events.parts[name]) for name, kind in KINDS.items()} == {len(events)}
