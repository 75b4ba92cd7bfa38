"""Batches as an SDK sends them, in plain dicts so that a test can break any part."""

import gzip
import json
import time
from typing import Any

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
