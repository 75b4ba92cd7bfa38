"""SQL and reference agree on every column of every signal, on generated sessions of several projects at once.

Hypothesis looks for the smallest session on which they differ; a seeded run compares many sessions in one tick, as
production does. The large run: `IRK_AGREEMENT_SESSIONS=100000 pytest tests/detection/test_agreement.py`.
"""

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.clickhouse import client
from apps.detection.catalog import RULES
from apps.detection.interactions import Event, first_copies
from apps.detection.parameters import NO_OVERRIDES, Overrides, values_of
from apps.detection.signal import Signal
from tests.detection import generated
from tests.detection.sessions import signal_row_count, standing_signals, store, tick

PROJECTS = (1, 2, 3, 4)
SESSIONS = int(os.environ.get("IRK_AGREEMENT_SESSIONS", "2000"))
# Sessions compared in one tick.
LOAD = 2000
# Of so many generated sessions, how many must have each signal: what is rare is hardly compared.
LEAST_SHARE = 0.05
# (kind, events): bursts larger than the least that make one.
BURSTS = (
    ("rage_click", 4),
    ("form_retry", 4),
    ("error_click", 2),
    ("reload_burst", 3),
    ("page_loop", 4),
    ("zoom_struggle", 4),
    ("request_failures", 4),
    ("error_burst", 4),
    ("form_abandoned", 3),
    ("field_struggle", 4),
    ("repeated_search", 4),
    ("scroll_thrash", 4),
    ("tab_switching", 4),
)


def expected_signals(sessions: list[list[Event]], overrides: Overrides) -> set[Signal]:
    """What the references find, session by session."""
    return {
        signal
        for session in sessions
        if session
        for rule in RULES
        for signal in rule.reference(
            first_copies(session), values_of(rule.definition, session[0].project_id, overrides)
        )
    }


def detected_signals(sessions: list[list[Event]], overrides: Overrides) -> set[Signal]:
    """What one tick finds, in tables that hold these sessions alone."""
    for table in ("events", "signals"):
        client.command(f"TRUNCATE TABLE {table}")
    store(event for session in sessions for event in session)
    tick(overrides=overrides)
    return standing_signals()


def test_the_generated_sessions_have_every_signal_often_and_bursts_of_several_sizes() -> None:
    random = Random(0)
    sessions = [generated.session(random, project_id=1, session_id=f"session-{number}") for number in range(LOAD)]
    found = expected_signals(sessions, NO_OVERRIDES)
    sessions_with = Counter(kind for kind, _ in {(signal.kind, signal.session_id) for signal in found})
    rare = {rule.definition.name for rule in RULES if sessions_with[rule.definition.name] < LOAD * LEAST_SHARE}
    assert rare == set(), sessions_with
    sizes = Counter((signal.kind, min(signal.count, 4)) for signal in found)
    assert {burst for burst in BURSTS if sizes[burst] < 20} == set(), sizes


@pytest.mark.usefixtures("clickhouse")
@settings(
    max_examples=15,
    # The test itself empties the tables before each example.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random=st.randoms(use_true_random=False), count=st.integers(1, 4))
def test_sql_and_reference_agree_on_the_smallest_sessions_that_could_tell_them_apart(
    random: Random, count: int
) -> None:
    # The same ids of sessions and page views in several projects: a project must not see another's.
    sessions = [
        generated.session(random, project_id=random.choice(PROJECTS), session_id=f"session-{number}")
        for number in range(count)
    ]
    sessions = list({(s[0].project_id, s[0].session_id): s for s in sessions if s}.values())
    overrides = generated.overrides(random, PROJECTS)
    assert detected_signals(sessions, overrides) == expected_signals(sessions, overrides)


@pytest.mark.usefixtures("clickhouse")
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(max(1, SESSIONS // LOAD)))
def test_sql_and_reference_agree_on_many_sessions_in_one_tick(seed: int) -> None:
    random = Random(seed)
    sessions = [
        generated.session(random, project_id=project_id, session_id=f"session-{number}")
        for number in range(LOAD // len(PROJECTS))
        for project_id in PROJECTS
    ]
    overrides = generated.overrides(random, PROJECTS)
    expected = expected_signals(sessions, overrides)
    detected = detected_signals(sessions, overrides)
    assert detected - expected == set()
    assert expected - detected == set()
    # Parameters of their own may leave projects without a signal.
    usual = {kind for kind, own in overrides.items() if len(own) < len(PROJECTS)}
    assert usual <= {signal.kind for signal in detected}

    written = signal_row_count()
    assert tick(overrides=overrides) == 0
    assert signal_row_count() == written
