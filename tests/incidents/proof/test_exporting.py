"""Exporting: what the tick saw, nothing more, and the same file every time."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from apps.clickhouse import client
from apps.detection.settings import save_parameters
from apps.incidents import triage
from apps.incidents.models import Incident, State
from apps.incidents.proof import exporting
from apps.incidents.proof.__main__ import main as verify
from apps.incidents.proof.document import Proof, from_bytes
from apps.incidents.proof.exporting import NoProofError, export
from apps.incidents.proof.verifying import first_difference
from apps.organizations.models import User
from apps.projects.models import Project
from apps.thresholds.models import GroupBy
from apps.thresholds.versions import save_version
from tests.conftest import NOW, NOW_MS
from tests.factories import EventRow, dead_clicks, make_threshold, store_events
from tests.factories.suppressions import make_suppression
from tests.ticks import tick_at

pytestmark = pytest.mark.usefixtures("clickhouse")


@pytest.fixture
def incident(project: Project) -> Incident:
    """Two visitors' rage on one button, and a third whose clicks arrive too late for the tick that opens."""
    make_threshold(project, at_least=2)
    for number, lateness_ms in ((1, 0), (2, 0), (3, 2_000)):
        store_events(
            dead_clicks(
                project.pk,
                at_ms=NOW_MS - 8_000,
                stored_ms=NOW_MS - 4_000 + lateness_ms,
                session_id=f"session-{number}",
                clicks=3 + number,
            )
        )
    tick_at(NOW_MS)
    return Incident.objects.get()


def proof_of(incident: Incident) -> Proof:
    proof, _ = from_bytes(export(incident))
    assert first_difference(proof) is None
    return proof


def test_a_proof_holds_the_events_that_the_tick_saw_and_no_others(incident: Incident) -> None:
    proof = proof_of(incident)
    assert {event.session_id for event in proof.events} == {"session-1", "session-2"}
    assert [signal.count for signal in proof.signals] == [4, 5]
    assert proof.opening.sentence == incident.sentence
    assert proof.verdict.value == 2


TOLD: dict[str, tuple[dict[str, Any], ...]] = {
    "slow_click": ({"type": "click", "answers": {"mut": 1840}},),
    "slow_interaction": ({"type": "interaction", "duration_ms": 612},),
    "layout_jump": ({"type": "click", "answers": {"mut": 9}, "facts": '{"shift": 80, "shiftAgo": 120}'},),
    "thrashed_cursor": ({"type": "pointer", "facts": '{"turns": 12, "dist": 900}'},),
    "zoom_struggle": ({"type": "zoom", "facts": '{"scale": 250}'},) * 3,
    "reload_burst": ({"type": "page", "subtype": "reload"},) * 2,
    "page_loop": ({"type": "page", "subtype": "load"},) * 3,
    "quick_back": (
        {"type": "page", "subtype": "push", "message": "/cart"},
        {"type": "page", "subtype": "back", "message": "/checkout"},
    ),
    "request_failures": ({"type": "request", "subtype": "GET", "message": "/api/cart", "status": 503},) * 3,
    "error_burst": ({"type": "error", "error_group": "g1", "message": "x is undefined"},) * 3,
    "form_abandoned": tuple(
        {"type": "field", "element": name, "form": "form#address", "facts": '{"edits": 2}'}
        for name in ("#name", "#street")
    ),
    "field_struggle": ({"type": "field", "facts": '{"edits": 1, "clears": 3}'},),
    "repeated_search": ({"type": "field", "element_role": "search", "facts": '{"edits": 1}'},) * 3,
    "scroll_thrash": ({"type": "scroll", "facts": '{"dist": -400}'},) * 6,
    "tab_switching": ({"type": "return"},) * 4,
    "copied_error": ({"type": "copy", "element_role": "alert", "facts": '{"age": 900}'},),
}
# What the rule reads besides, and the signal does not name.
BESIDE: dict[str, dict[str, Any]] = {
    "error_burst": {"type": "page", "t": 0},
    "form_abandoned": {"type": "leave", "t": 900},
    "tab_switching": {"type": "field", "t": 0, "facts": '{"edits": 1}'},
}
# What happens to a page and to none of its elements.
OF_PAGES = {"reload_burst", "page_loop", "quick_back", "request_failures", "error_burst", "tab_switching"}


@pytest.mark.parametrize("kind", TOLD)
def test_every_kind_of_signal_is_proved_from_the_facts_that_its_rule_reads(kind: str, project: Project) -> None:
    make_threshold(project, signals=[kind])
    no_element = {"element": "", "element_label": ""} if kind in OF_PAGES else {}
    told = [{"t": t, **no_element, **fields} for t, fields in enumerate(TOLD[kind], start=1)]
    store_events(
        [
            EventRow(project.pk, ts_ms=NOW_MS - 8_000 + fields["t"], stored_ms=NOW_MS - 4_000, n=n, **fields)
            for n, fields in enumerate([*told, *filter(None, [BESIDE.get(kind)])])
        ]
    )
    tick_at(NOW_MS)

    proof = proof_of(Incident.objects.get())

    assert [(signal.kind, len(signal.events)) for signal in proof.signals] == [(kind, len(TOLD[kind]))]
    assert "_" not in proof.opening.sentence
    assert "/checkout" in proof.opening.sentence


def test_an_event_stored_twice_is_in_the_proof_once(incident: Incident, project: Project) -> None:
    clicks = dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 3_500, clicks=4)
    store_events([replace(click, x=1) for click in clicks])
    proof = proof_of(incident)
    assert [event.x for event in proof.events if event.session_id == "session-1"] == [700] * 4


def test_what_happens_after_the_opening_does_not_change_the_file(incident: Incident, project: Project) -> None:
    before = export(incident)
    tick_at(NOW_MS + 10_000)
    store_events(
        dead_clicks(project.pk, at_ms=NOW_MS - 7_000, stored_ms=NOW_MS + 12_000, first_n=20, session_id="session-1")
    )
    tick_at(NOW_MS + 20_000)
    # As a merge does, in its own time: what the first tick wrote about the session that grew is gone.
    client.command("OPTIMIZE TABLE signals FINAL")
    save_version(threshold=incident.threshold, fields={"at_least": 9}, actor=None, at=NOW + timedelta(minutes=1))
    incident.refresh_from_db()
    assert incident.peak != incident.opening
    assert export(incident) == before


def test_a_reopened_incident_still_proves_how_it_opened(incident: Incident, project: Project) -> None:
    before = export(incident)
    owner = User.objects.get(username="alice")
    triage.resolve(incident=incident, actor=owner)
    Incident.objects.filter(pk=incident.pk).update(resolved_at=NOW + timedelta(minutes=1))
    save_version(threshold=incident.threshold, fields={"at_least": 1}, actor=None, at=NOW + timedelta(minutes=1))
    store_events(dead_clicks(project.pk, at_ms=NOW_MS + 600_000, stored_ms=NOW_MS + 601_000, session_id="session-9"))
    tick_at(NOW_MS + 610_000)
    incident.refresh_from_db()
    assert (incident.state, incident.regressions) == (State.OPEN, 1)
    assert export(incident) == before


def test_signals_that_an_earlier_resolution_settled_are_not_counted_in_the_next_incident(project: Project) -> None:
    make_threshold(project, window_seconds=86_400, at_least=1)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 4_000))
    tick_at(NOW_MS)
    first = Incident.objects.get()
    resolved_at = NOW + timedelta(minutes=1)
    Incident.objects.filter(pk=first.pk).update(state=State.RESOLVED, resolved_at=resolved_at)
    first.transitions.create(from_state=State.OPEN, to_state=State.RESOLVED, at=resolved_at, reason="Fixed.")
    # Eight days later, events arrive that were a week on their way: they happened right after the resolution, so that
    # the windows that hold them hold the first visitor's too. After 7 days it is a new incident, not a regression.
    late_ms = NOW_MS + 8 * 86_400_000
    store_events(dead_clicks(project.pk, at_ms=NOW_MS + 120_000, stored_ms=late_ms, session_id="session-2"))
    tick_at(late_ms + 10_000)
    second = Incident.objects.exclude(pk=first.pk).get()
    proof = proof_of(second)
    assert proof.opening.settled_before_ms == NOW_MS + 60_000
    assert {event.session_id for event in proof.events} == {"session-2"}


def test_sessions_elsewhere_are_left_out(project: Project) -> None:
    make_threshold(project, group_by=GroupBy.NOTHING, route_pattern="/check*")
    rows = dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 4_000)
    store_events(rows)
    store_events([replace(row, session_id="session-2", page_id="page-2", route="/cart") for row in rows])
    tick_at(NOW_MS)
    assert {event.session_id for event in proof_of(Incident.objects.get()).events} == {"session-1"}


def test_an_exported_file_verifies_offline(
    incident: Incident, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "proof.json"
    path.write_bytes(export(incident))
    assert verify([str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"identical: incident {incident.pk}\n{incident.sentence}\n")


def test_without_its_events_an_incident_has_no_proof(incident: Incident) -> None:
    client.command("TRUNCATE TABLE events")
    with pytest.raises(NoProofError, match="no longer give the verdict"):
        export(incident)


def test_a_window_of_too_many_events_is_refused_with_the_number(
    incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_EVENTS", 8)
    with pytest.raises(NoProofError, match="more than 8 events"):
        export(incident)
    monkeypatch.setattr(exporting, "MOST_EVENTS", 9)
    assert len(proof_of(incident).events) == 9


def test_the_command_writes_the_file_and_says_how_to_verify_it(incident: Incident, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    said = StringIO()
    call_command("export_proof", str(incident.pk), output=path, stdout=said)
    assert path.read_bytes() == export(incident)
    assert f"bin/verify-proof {path}" in said.getvalue()


def test_the_command_says_where_it_cannot_write(incident: Incident, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_proof", str(incident.pk), output=tmp_path / "missing" / "proof.json")


def test_the_command_names_an_incident_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="There is no incident"):
        call_command("export_proof", str(uuid4()))


def test_what_was_suppressed_and_the_projects_own_parameters_are_in_the_proof(project: Project) -> None:
    save_parameters(project=project, values={"rage_click": {"min_clicks": 4}}, actor=None, at=NOW - timedelta(hours=1))
    make_suppression(project, element_pattern="a.known", created_at=NOW - timedelta(hours=1))
    make_threshold(project, group_by=GroupBy.NOTHING)
    store_events(dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 4_000, session_id="session-1"))
    known = dead_clicks(project.pk, at_ms=NOW_MS - 8_000, stored_ms=NOW_MS - 4_000, session_id="session-1", first_n=50)
    store_events([replace(row, element="a.known", page_id="page-view-2") for row in known])
    tick_at(NOW_MS)

    proof = proof_of(Incident.objects.get())

    assert [definition.parameters["min_clicks"] for definition in proof.definitions] == [4]
    assert [signal.element for signal in proof.signals] == ["button[data-testid=pay]"]
    assert first_difference(replace(proof, hidings=())) is not None
