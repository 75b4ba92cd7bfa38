"""The batches that every contender gets: what a shopper's browser sends, gzipped as the SDK does."""

import gzip
import json
import random
import time

# Different bodies of one size; each is sent many times, which costs everybody the same.
DIFFERENT = 100


def bodies(*, events: int) -> list[bytes]:
    """`DIFFERENT` gzipped batches of `events` events each; the same ones in every run, but for the time."""
    chance = random.Random(events)
    return [gzip.compress(_encoded(_batch(chance, events)), compresslevel=6, mtime=0) for _ in range(DIFFERENT)]


def _encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _batch(chance: random.Random, events: int) -> dict[str, object]:
    now = time.time_ns() // 1_000_000
    return {
        "v": 1,
        "sdk": "0.1.0",
        "sid": f"s{chance.getrandbits(120):030x}",
        "page": f"p{chance.getrandbits(120):030x}",
        "seq": chance.randrange(100),
        "try": 0,
        "origin": now - 60_000,
        "sentMono": 60_000,
        "sentWall": now,
        "ctx": {
            "release": "2026.11.2",
            "environment": "production",
            "user": f"user-{chance.randrange(10_000)}",
            "device": chance.choice(["desktop", "phone"]),
            "viewport": [1440, 900],
            "lang": "en",
        },
        "events": [_event(chance, n) for n in range(events)],
    }


def _event(chance: random.Random, n: int) -> dict[str, object]:
    """Mostly clicks, as in a recorded visit; times and places as browsers give them, with fractions."""
    route = f"/{chance.choice(['cart', 'checkout', 'product/:id', 'search', ''])}"
    common = {"n": n, "t": round(100 * n + chance.random() * 100, 1), "route": route}
    kind = chance.choices(["click", "field", "request", "page", "error", "submit"], [60, 12, 12, 8, 4, 4])[0]
    element = {"sel": f"main>div:nth-child({n % 9})>button[data-testid=b{n % 30}]", "role": "button", "label": "Add"}
    match kind:
        case "click":
            return common | {
                "type": "click", "el": element | {"click": True},
                "x": chance.randrange(1440), "y": chance.randrange(900),
                "after": {"mut": chance.randrange(300), "req": chance.randrange(900)}, "bg": 0.5, "observed": 2500,
                "detail": 1, "ptr": "mouse", "button": 0,
            }  # fmt: skip
        case "field":
            return common | {
                "type": "field",
                "el": element,
                "form": "form#address",
                "edits": 7,
                "clears": 1,
                "dur": 5200,
            }
        case "request":
            return common | {"type": "request", "method": "GET", "url": "/api/cart/:id", "status": 503, "dur": 800}
        case "page":
            return common | {"type": "page", "nav": "push", "from": "/cart"}
        case "error":
            return common | {
                "type": "error", "kind": "error", "group": f"{n % 7:08x}", "message": "x is undefined",
                "source": "/app.js",
            }  # fmt: skip
        case _:
            return common | {
                "type": "submit", "el": {"sel": "form#address", "role": "form"}, "how": "submit", "status": 422,
                "after": {"req": 3, "mut": 90}, "observed": 2500,
            }  # fmt: skip
