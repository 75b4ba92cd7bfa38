"""bin/faults: that it tells what it is there to tell, and that a handful of faults does no harm."""

import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from django.conf import settings as django_settings

from apps.clickhouse import client as clickhouse_client
from apps.projects.models import Project
from bench.faults import checking, visits
from bench.faults.client import Ledger
from bench.faults.matrix import matrix, scenario
from bench.faults.proxy import Mode, Proxy
from bench.faults.reading import Reading
from bench.faults.visits import Delivery, Visit
from tests.factories import make_cast

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.stack
@pytest.mark.timeout(900)
def test_a_handful_of_faults_does_no_harm() -> None:
    # Whoever runs tests may have given the cores to other programs.
    command = [sys.executable, "-m", "bench.faults", "--quick", "--within", "100"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_seeds_go_through_the_whole_matrix_and_mean_the_same_each_time() -> None:
    rows = matrix()
    found = [(scenario(seed).fault, scenario(seed).moment) for seed in range(1, len(rows) + 1)]
    assert Counter(found) == Counter(rows)
    assert scenario(17) == scenario(17)


def made(seed: int = 1) -> list[Visit]:
    return visits.make_visits(Random(seed), run="test", sessions=30)


@pytest.mark.parametrize("order", [visits.duplicated, visits.regrouped, visits.reordered])
def test_every_event_is_delivered_in_any_order(
    order: Callable[[Random, list[Delivery]], list[Delivery]],
) -> None:
    plain = visits.spread(Random(2), made(), seconds=3)
    sent = Counter((each.visit.page, n) for each in order(Random(3), plain) for n in each.ns)
    assert sent.keys() == {key for visit in made() for key in visit.keys()}  # noqa: SIM118 no dict
    assert (sent.total() > len(sent)) == (order is not visits.reordered)


def test_a_lost_session_changes_which_incidents_are_expected() -> None:
    whole = visits.expected_incidents(made(), project_id=1)
    assert len(whole) == 4
    lost = next(visit for visit in made() if visit.events[len(visit.events)]["el"]["sel"] == min(whole)[1])
    without = [visit for visit in made() if visit != lost]
    assert visits.expected_incidents(without, project_id=1) < whole


@pytest.fixture
def reading(clickhouse: None) -> Iterator[Reading]:
    database = django_settings.DATABASES["default"]
    name, password, port = database["NAME"], database["PASSWORD"], database["PORT"]
    reading = Reading(
        {
            "DATABASE_URL": f"postgres://{database['USER']}:{password}@{database['HOST']}:{port}/{name}",
            "CLICKHOUSE_URL": django_settings.CLICKHOUSE_URL,
            "REDIS_URL": django_settings.REDIS_URL,
        }
    )
    yield reading
    reading.close()


@pytest.fixture
def project(transactional_db: None) -> Project:
    return make_cast().project


def store(project: Project, visit: Visit, **changed: object) -> None:
    columns = ("project_id", "session_id", "page_id", "n", "t", "type", "route", "element", "x", "y", "observed_ms")
    rows = []
    for n, event in visit.events.items():
        element = event.get("el", {}).get("sel", "")
        row = (project.pk, visit.session, visit.page, n, event["t"], event["type"], event["route"], element)
        place = (event.get("x", 0), event.get("y", 0), event.get("observed", 0))
        rows.append({**dict(zip(columns, (*row, *place), strict=True)), **changed})
    with_times = {name: [row[name] for row in rows] for name in columns}
    times = dict.fromkeys(("ts", "client_ts"), [1_795_000_000_000] * len(rows))
    clickhouse_client.insert("events", {**with_times, **times, "retention_days": [30] * len(rows)})


def violations(reading: Reading, project: Project, visit: Visit, ledger: Ledger) -> dict[str, list[str]]:
    return checking.check(reading, [visit], ledger, project_id=project.pk)


def ledger_of(visit: Visit) -> Ledger:
    return Ledger(sent=visit.keys(), acknowledged=visit.keys())


def calm() -> Visit:
    """A visit without a signal, so that no tick has to run."""
    return next(visit for visit in made() if not visits.expected_signals([visit], project_id=1))


def test_what_is_as_it_was_sent_is_no_violation(reading: Reading, project: Project) -> None:
    visit = calm()
    store(project, visit)
    # A copy, as after an unknown outcome.
    store(project, visit)
    assert violations(reading, project, visit, ledger_of(visit)) == {}


def test_what_was_acknowledged_and_is_not_stored_is_told(reading: Reading, project: Project) -> None:
    visit = calm()
    store(project, Visit(visit.session, visit.page, {n: visit.events[n] for n in visit.events if n != 3}))
    found = violations(reading, project, visit, ledger_of(visit))
    assert found[checking.READABLE] == [f"1 acknowledged and not readable, such as ('{visit.page}', 3)"]


def test_what_nobody_sent_is_told(reading: Reading, project: Project) -> None:
    visit = calm()
    store(project, visit)
    store(project, Visit(visit.session, visit.page, {99: visit.events[1]}))
    found = violations(reading, project, visit, ledger_of(visit))
    assert "readable and never sent" in found[checking.SENT][0]


def test_what_was_altered_is_told(reading: Reading, project: Project) -> None:
    visit = calm()
    store(project, visit, route="/elsewhere")
    assert "other than sent" in violations(reading, project, visit, ledger_of(visit))[checking.SENT][0]


def test_copies_that_differ_are_told(reading: Reading, project: Project) -> None:
    visit = calm()
    store(project, visit)
    store(project, visit, observed_ms=1)
    found = violations(reading, project, visit, ledger_of(visit))
    assert "stored with different contents" in found[checking.ONCE][0]


def test_a_signal_that_no_tick_found_is_told_and_so_is_an_incident(reading: Reading, project: Project) -> None:
    angry = next(visit for visit in made() if visits.expected_signals([visit], project_id=1))
    store(project, angry)
    found = violations(reading, project, angry, ledger_of(angry))
    assert "signals missing" in found[checking.INCIDENTS][0]


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that sends back what it gets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                while received := connection.recv(4096):
                    connection.sendall(received)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    proxy = Proxy(echo)
    yield proxy
    proxy.close()


def says(connection: socket.socket, text: bytes) -> bytes:
    connection.settimeout(10)
    connection.sendall(text)
    return connection.recv(4096)


@pytest.mark.parametrize("mode", ["reset", "half-close"])
def test_a_broken_network_ends_connections_and_a_healed_one_takes_new_ones(proxy: Proxy, mode: Mode) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        assert says(connection, b"hello") == b"hello"
        proxy.disturb(mode)
        proxy.heal()
        try:
            assert connection.recv(1) == b""
        except ConnectionResetError:
            assert mode == "reset"
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        assert says(connection, b"again") == b"again"


def test_a_slow_network_delivers_everything(proxy: Proxy) -> None:
    proxy.disturb("delay", delay=0.2, seed=1)
    with socket.create_connection(("127.0.0.1", proxy.port)) as connection:
        assert says(connection, b"slowly") == b"slowly"
