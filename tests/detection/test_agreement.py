"""SQL and reference agree on every row, on generated sessions of several projects at once.

The number of sessions is modest by default; `IRK_AGREEMENT_EXAMPLES=5000 pytest tests/detection/test_agreement.py` runs more.
Each example is one ClickHouse load of up to 12 sessions.
"""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.clickhouse import client
from apps.detection.catalog import RULES
from apps.detection.definition import Value
from apps.detection.interactions import Event, first_copies
from apps.detection.parameters import Overrides, values_of
from apps.detection.signal import Signal
from tests.detection.sessions import NOW_MS, ORIGIN_MS, row_count, standing_signals, store, tick

EXAMPLES = int(os.environ.get("IRK_AGREEMENT_EXAMPLES", "40"))

# Steps that put times on and beside the rules' limits: 500, 1000 and 2500 ms, 10 s and 120 s.
STEPS = st.sampled_from([0, 0, 1, 99, 200, 333, 334, 499, 500, 501, 999, 1000, 1001, 3000, 9999, 10_000, 10_001, 60_000, 60_001])
ANSWER_MS = st.sampled_from([0, 1, 499, 500, 501, 2499, 2500, 2501, 4_294_967_295])
ANSWER_KIND = st.sampled_from(["mut", "req", "nav", "sel", "bg", "err", "focus"])
ELEMENTS = st.sampled_from(["", "button.pay", "button.pay", "a.next", "form#coupon"])
COORDINATES = st.sampled_from([0, 0, 18, 24, 30, 31, 48, -2_147_483_648, 2_147_483_647])
STATUSES = st.sampled_from([None, 0, 200, 302, 399, 400, 422, 422, 422, 499, 500, 503, 600])
LABELS = st.sampled_from(["", "", "Pay", "Bezahlen é", "a'b\\c\n%s"])


@st.composite
def sessions(draw: st.DrawFn, *, project_id: int, session_id: str) -> list[Event]:
    """One session: a few page views whose events come close together, some stored more than once, or changed in between."""
    events: list[Event] = []
    for page_number in range(draw(st.integers(1, 2))):
        t = draw(st.sampled_from([0, 700, 4_294_000_000]))
        # Most wall clocks start together, so that ts ties across page views.
        origin_ms = ORIGIN_MS + draw(st.sampled_from([0, 0, 1, 60_000]))
        ns = draw(st.permutations(range(draw(st.integers(0, 14)))))
        for position, n in enumerate(ns):
            t = min(t + draw(STEPS), 4_294_967_295)
            # n follows t in an honest page; the rules must not lean on it.
            events.append(
                draw(
                    occurrences(
                        project_id=project_id,
                        session_id=session_id,
                        page_id=f"page-{page_number}",
                        n=position if draw(st.integers(0, 9)) else n + 100,
                        t=t,
                        ts_ms=origin_ms + t % 1_000_000,
                    )
                )
            )
    copies = draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    again = []
    for copy in copies:
        later_ms = draw(st.sampled_from([-2000, -1, 0, 1, 2000]))
        changed = {"t": copy.t ^ 1, "observed_ms": 1} if draw(st.booleans()) else {}
        again.append(replace(copy, stored_at_ms=copy.stored_at_ms + later_ms, **changed))
    return events + again


@st.composite
def occurrences(draw: st.DrawFn, **identity: int | str) -> Event:
    """One event of any type that rules read."""
    kind = draw(st.sampled_from(["click", "click", "click", "error", "request", "submit", "submit", "leave"]))
    return Event(
        **identity,  # type: ignore[arg-type]
        type=kind,
        stored_at_ms=NOW_MS - draw(st.integers(5_000, 60_000)),
        evaluable=draw(st.integers(0, 19)) > 0,
        route=draw(st.sampled_from(["/checkout", "/checkout", "/cart"])),
        environment="production",
        release=draw(st.sampled_from(["1.0", "1.1"])),
        device="desktop",
        user_id=draw(st.sampled_from(["", "user-1"])),
        element=draw(ELEMENTS),
        element_label=draw(LABELS),
        element_kind=draw(st.sampled_from(["", "", "", "link", "text", "newtab"])),
        clickable=draw(st.integers(0, 3)) > 0,
        x=draw(COORDINATES),
        y=draw(COORDINATES),
        answers=draw(st.one_of(st.just({}), st.dictionaries(ANSWER_KIND, ANSWER_MS, max_size=2))),
        observed_ms=draw(st.sampled_from([2500, 2500, 2500, 0, 499, 500, 2499])),
        subtype=draw(st.sampled_from(["submit", "invalid", "POST"])),
        status=draw(STATUSES),
        duration_ms=draw(st.sampled_from([0, 1, 2, 200, 500, 1000, 4_294_967_295])),
        error_group=draw(st.sampled_from(["g1", "g1", "g2"])),
        message=draw(LABELS),
        form=draw(st.sampled_from(["form#coupon", "form#coupon", ""])),
        retention_days=draw(st.sampled_from([30, 90])),
    )


@st.composite
def overrides(draw: st.DrawFn) -> Overrides:
    """Some projects' own parameters: numbers near the defaults, and shorter lists."""

    def value(default: Value) -> st.SearchStrategy[Value]:
        if isinstance(default, tuple):
            return st.sampled_from([(), default[:2], ("mut", "text")])
        return st.sampled_from([default, default + 1, max(400, default - 1) if default >= 400 else max(2, default - 1)])

    return {
        rule.definition.name: {
            project_id: {
                parameter.name: draw(value(parameter.default))
                for parameter in draw(st.lists(st.sampled_from(rule.definition.parameters), max_size=3))
            }
            for project_id in draw(st.lists(st.sampled_from([1, 3, 4]), unique=True))
        }
        for rule in RULES
    }


@st.composite
def traffic(draw: st.DrawFn) -> list[list[Event]]:
    """Sessions of projects 1 to 4; the same session and page view ids occur in several projects."""
    return [
        draw(sessions(project_id=project_id, session_id=f"session-{number}"))
        for project_id in range(1, 5)
        for number in range(draw(st.integers(0, 3)))
    ]


def expected(traffic: list[list[Event]], own: Overrides) -> set[Signal]:
    """What the references find."""
    return {
        signal
        for session in traffic
        for rule in RULES
        for signal in rule.reference(
            first_copies(session), values_of(rule.definition, session[0].project_id if session else 0, own)
        )
    }


@pytest.mark.timeout(0)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    # The tables are emptied by the test itself, before each example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(traffic=traffic(), own=overrides())
def test_sql_and_reference_find_the_same_signals(clickhouse: None, traffic: list[list[Event]], own: Overrides) -> None:
    for table in ("events", "signals"):
        client.command(f"TRUNCATE TABLE {table}")
    for session in traffic:
        if session:
            store(session)
    tick(overrides=own)
    assert standing_signals() == expected(traffic, own)

    written = row_count("signals")
    assert tick(overrides=own) == 0
    assert row_count("signals") == written
