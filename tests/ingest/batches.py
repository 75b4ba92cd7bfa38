"""Batches as an SDK sends them, in plain dicts so that a test can break any part."""

import gzip
import json
import time
from typing import Any

from apps.events import store
from apps.events.store import EncodedEvents
from apps.ingest import decoding, limits, rows

Json = dict[str, Any]


def now_ms() -> int:
    """The wall clock, which the server under test reads too."""
    return time.time_ns() // 1_000_000


def click(n: int = 1, **fields: Any) -> Json:
    """A click on the pay button, answered by a request after 38 ms."""
    return {
        "n": n,
        "t": 4000 + 20 * n,
        "type": "click",
        "route": "/checkout",
        "el": {"sel": "button[data-testid=pay]", "role": "button", "label": "Pay now", "click": True},
        "x": 712,
        "y": 480,
        "after": {"req": 38},
        "bg": 0.5,
        "observed": 2500,
        "detail": 1,
        "ptr": "mouse",
        "button": 0,
        **fields,
    }


def batch(*events: Json, **fields: Any) -> Json:
    """A batch sent right now, 5 s after its page was opened, with one click unless told otherwise."""
    now = now_ms()
    return {
        "v": 1,
        "sdk": "0.1.0",
        "sid": "session-0001",
        "page": "page-view-0001",
        "seq": 0,
        "try": 0,
        "origin": now - 5000,
        "sentMono": 5000,
        "sentWall": now,
        "ctx": {
            "release": "2026.11.2",
            "environment": "production",
            "user": "user-7",
            "device": "desktop",
            "viewport": [1440, 900],
            "lang": "en",
        },
        "events": list(events or (click(),)),
        **fields,
    }


def encoded(value: object) -> bytes:
    """`value` as JSON in the form that JSON.stringify gives."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def zipped(value: object) -> bytes:
    """`value` as gzipped JSON."""
    return gzip.compress(encoded(value))


# One event of every type with every field of docs/wire.md that it may have.
EVERY_TYPE: list[Json] = [
    {"n": 0, "t": 1, "type": "page", "route": "/cart", "nav": "push", "from": "/", "status": 500},
    click(1, mods="ctrl+shift"),
    {
        "n": 2,
        "t": 4100,
        "type": "submit",
        "route": "/cart",
        "el": {"sel": "form#coupon", "role": "form"},
        "how": "submit",
        "status": 422,
        "after": {"req": 3, "mut": 90},
        "observed": 2500,
    },
    {
        "n": 3,
        "t": 4200,
        "type": "field",
        "route": "/cart",
        "el": {"sel": "input#code", "role": "textbox", "label": "Coupon", "kind": "text"},
        "form": "form#coupon",
        "edits": 7,
        "clears": 2,
        "dur": 5200,
    },
    {
        "n": 4,
        "t": 4300,
        "type": "error",
        "route": "/cart",
        "kind": "rejection",
        "group": "a1b2c3",
        "message": "x is undefined",
        "source": "/static/app.js",
    },
    {
        "n": 5,
        "t": 4400,
        "type": "request",
        "route": "/cart",
        "method": "POST",
        "url": "/pay/:id",
        "status": 0,
        "dur": 800,
    },
    {"n": 6, "t": 4500, "type": "leave", "route": "/cart", "dur": 4400, "how": "reload"},
    {"n": 7, "t": 4600, "type": "track", "route": "/cart", "name": "upgrade"},
    {"n": 8, "t": 4700, "type": "return", "route": "/cart", "dur": 2000},
    {"n": 9, "t": 4800, "type": "scroll", "route": "/cart", "dist": -640.5, "dur": 300},
    {"n": 10, "t": 4900, "type": "pointer", "route": "/cart", "turns": 12, "dist": 900, "dur": 2600},
    {"n": 11, "t": 5000, "type": "zoom", "route": "/cart", "scale": 250},
    {"n": 12, "t": 5100, "type": "copy", "route": "/cart", "el": {"sel": "div#oops", "role": "alert"}, "age": 4000},
    {
        "n": 13,
        "t": 5200,
        "type": "interaction",
        "route": "/cart",
        "el": {"sel": "button#go"},
        "dur": 640,
        "how": "pointer",
    },
    click(14, t=5300, shift=44, shiftAgo=120),
]


def as_stored(body: bytes) -> EncodedEvents:
    """The events of `body` as a request encodes them, of project 1."""
    decoded = decoding.decode(body, limits.current())
    return store.encode(rows.columns_of(decoded, project_id=1, retention_days=90, received=now_ms()))
