"""Building sessions, storing them, and reading signals back: the words that the tests of detection are written in."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from apps.clickhouse import client
from apps.detection.catalog import rule_of
from apps.detection.definition import Value
from apps.detection.detecting import detect
from apps.detection.interactions import Event, first_copies
from apps.detection.parameters import NO_OVERRIDES, Overrides
from apps.detection.signal import Signal
from tests.conftest import NOW_MS

# When the pages of the tests were opened.
ORIGIN_MS = NOW_MS - 600_000
# Rows of one insert, which must not take longer than ingest's may.
BLOCK = 10_000


def event(
    n: int,
    t: int,
    type: str,  # noqa: A002 the column's name
    *,
    page: str = "page-1",
    origin_ms: int = ORIGIN_MS,
    **fields: Any,
) -> Event:
    """An event as ingest stores it: `t` ms after the page was opened, arrived a second later unless said otherwise."""
    told: dict[str, Any] = {
        "project_id": 1,
        "session_id": "session-1",
        "ts_ms": origin_ms + t,
        "stored_at_ms": origin_ms + t + 1000,
        "route": "/checkout",
        "environment": "production",
        "release": "1.0",
        "device": "desktop",
        "user_id": "user-1",
    }
    return Event(page_id=page, n=n, t=t, type=type, **{**told, **fields})


def click(n: int, t: int, **fields: Any) -> Event:
    """A click on the pay button that nothing answers, watched for the full 2,500 ms."""
    told: dict[str, Any] = {
        "element": "button[data-testid=pay]",
        "element_label": "Pay",
        "clickable": True,
        "x": 100,
        "y": 100,
        "observed_ms": 2500,
    }
    return event(n, t, "click", **{**told, **fields})


def error(n: int, t: int, **fields: Any) -> Event:
    """An uncaught error."""
    return event(n, t, "error", **{"error_group": "g1", "message": "x is undefined", "subtype": "error", **fields})


def failed_request(n: int, t: int, *, began: int, status: int = 500, **fields: Any) -> Event:
    """A request that began at `began` and failed at `t`."""
    told = {"error_group": "POST /api/pay", "message": "/api/pay", "subtype": "POST"}
    return event(n, t, "request", status=status, duration_ms=t - began, **{**told, **fields})


def page(n: int, t: int, nav: str, *, came_from: str = "", **fields: Any) -> Event:
    """A page or route that was shown: by `nav`, from the route `came_from`."""
    return event(n, t, "page", **{"subtype": nav, "message": came_from, **fields})


def submit(n: int, t: int, *, status: int | None = 422, **fields: Any) -> Event:
    """A submit of the coupon form."""
    return event(n, t, "submit", status=status, **{"subtype": "submit", "form": "form#coupon", **fields})


def field(n: int, t: int, *, edits: int = 1, **fields: Any) -> Event:
    """A visit to the name field of the address form, which edited it; a second long."""
    told: dict[str, Any] = {"element": "input[name=name]", "element_role": "textbox", "form": "form#address"}
    return event(n, t, "field", edits=edits, **{"duration_ms": 1000, **told, **fields})


def answered_request(n: int, t: int, *, status: int = 200, **fields: Any) -> Event:
    """A request that ended at `t` and that the server answered."""
    return event(n, t, "request", status=status, **{"subtype": "POST", "message": "/api/pay", **fields})


def store(events: Iterable[Event]) -> None:
    """Inserts `events` with their own `stored_at`, which in production ClickHouse itself stamps."""
    rows = list(events)
    for first in range(0, len(rows), BLOCK):
        _insert(rows[first : first + BLOCK])


def _insert(rows: Sequence[Event]) -> None:
    client.insert(
        "events",
        {
            "project_id": [row.project_id for row in rows],
            "session_id": [row.session_id for row in rows],
            "page_id": [row.page_id for row in rows],
            "n": [row.n for row in rows],
            "t": [row.t for row in rows],
            "client_ts": [row.ts_ms for row in rows],
            "ts": [row.ts_ms for row in rows],
            "stored_at": [row.stored_at_ms for row in rows],
            "evaluable": [row.evaluable for row in rows],
            "type": [row.type for row in rows],
            "route": [row.route for row in rows],
            "environment": [row.environment for row in rows],
            "release": [row.release for row in rows],
            "device": [row.device for row in rows],
            "user_id": [row.user_id for row in rows],
            "element": [row.element for row in rows],
            "element_role": [row.element_role for row in rows],
            "element_label": [row.element_label for row in rows],
            "element_kind": [row.element_kind for row in rows],
            "clickable": [row.clickable for row in rows],
            "x": [row.x for row in rows],
            "y": [row.y for row in rows],
            "answers": [dict(row.answers) for row in rows],
            "observed_ms": [row.observed_ms for row in rows],
            "subtype": [row.subtype for row in rows],
            "status": [row.status for row in rows],
            "duration_ms": [row.duration_ms for row in rows],
            "error_group": [row.error_group for row in rows],
            "message": [row.message for row in rows],
            "form": [row.form for row in rows],
            "facts": [facts_of(row) for row in rows],
            "retention_days": [row.retention_days for row in rows],
        },
    )


def facts_of(row: Event) -> str:
    """The JSON from which ClickHouse takes an event's numbers, as ingest writes it."""
    told = {
        "edits": row.edits,
        "clears": row.clears,
        "turns": row.turns,
        "dist": row.distance_px,
        "shift": row.shift_px,
        "shiftAgo": row.shift_ago_ms,
        "scale": row.scale,
        "age": row.age_ms,
    }
    return json.dumps({name: number for name, number in told.items() if number is not None})


def tick(*, since_ms: int = NOW_MS - 3_600_000, until_ms: int = NOW_MS, overrides: Overrides = NO_OVERRIDES) -> int:
    """Detects over everything stored in [since, until), in one shard, as the tick of `until`."""
    return detect(
        shard=0, shards=1, arrived_from_ms=since_ms, arrived_to_ms=until_ms, as_of_ms=until_ms, overrides=overrides
    )


def standing_signals(*kinds: str) -> set[Signal]:
    """The signals that stand: the latest version of each, without the retracted ones; of `kinds`, or all."""
    rows = client.query(
        """
        SELECT
            project_id, kind, definition_version, session_id, page_id, n, toUnixTimestamp64Milli(ts),
            toUnixTimestamp64Milli(ended_at), user_id, route, element, element_label, environment, release, device,
            count, detail, event_pages, event_ns, retention_days, signal_id
        FROM signals FINAL
        WHERE NOT retracted
        """
    )
    found = set()
    for *columns, pages, ns, retention_days, signal_id in rows:
        names = (
            "project_id", "kind", "definition_version", "session_id", "page_id", "n", "ts_ms", "ended_ms", "user_id",
            "route", "element", "element_label", "environment", "release", "device", "count", "detail",
        )  # fmt: skip
        signal = Signal(
            **dict(zip(names, columns, strict=True)),
            events=tuple(zip(pages, ns, strict=True)),
            retention_days=retention_days,
        )
        assert signal.signal_id == signal_id
        found.add(signal)
    return {signal for signal in found if not kinds or signal.kind in kinds}


def signal_row_count() -> int:
    """How many rows the table of signals holds: all versions, retracted ones too."""
    ((count,),) = client.query("SELECT count() FROM signals")
    return int(count)


def by_reference(kind: str, events: Iterable[Event], **parameters: Value) -> list[Signal]:
    """What the reference finds in one session's `events`, ordered by (page view, n)."""
    rule = rule_of(kind)
    found = rule.reference(first_copies(events), rule.definition.values(parameters))
    return sorted(found, key=lambda signal: (signal.page_id, signal.n))
