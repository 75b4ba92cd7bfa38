"""A ClickHouse that takes connections and says nothing: every page answers soon, with what does not need it."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from apps.core import clock
from apps.incidents.models import EvaluatedShard
from tests.admin.conftest import SENTENCE, World
from tests.factories.suppressions import make_suppression
from tests.proxy import at_port

pytestmark = pytest.mark.usefixtures("clickhouse")


class Mute:
    """Takes connections and never says a word, until `close`."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._taken: list[socket.socket] = []
        self._closed = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()
        # Whoever is as patient as a worker waits until then.
        self._patience = threading.Timer(20, self.close)
        self._patience.start()

    @property
    def connections(self) -> int:
        return len(self._taken)

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        self._closed.set()
        self._patience.cancel()
        # Closing alone does not wake who accepts.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._taken):
            each.close()

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._taken.append(self._listener.accept()[0])


@pytest.fixture
def mute(settings: Settings) -> Iterator[Mute]:
    server = Mute()
    settings.CLICKHOUSE_URL = at_port(settings.CLICKHOUSE_URL, server.port)
    yield server
    server.close()


def test_the_overview_comes_without_it(world: World, as_alice: Client, mute: Mute) -> None:
    page = as_alice.get(reverse("admin:index"))

    assert not mute.closed
    assert "The event store does not answer." in page.content.decode()
    assert escape(SENTENCE) in page.content.decode()
    assert mute.connections == 1


def test_an_incident_comes_without_it(world: World, as_bob: Client, mute: Mute) -> None:
    page = as_bob.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))

    assert not mute.closed
    assert "The event store does not answer." in page.content.decode()
    assert escape(SENTENCE) in page.content.decode()
    assert mute.connections == 1


@pytest.mark.parametrize("page", ["session", "why"])
def test_what_needs_it_says_so(world: World, as_bob: Client, mute: Mute, page: str) -> None:
    address = {
        "session": reverse("admin:incidents_incident_session", args=[world.incident.pk, "session-1"]),
        "why": reverse("admin:explanations_why", args=[world.threshold.pk]),
    }
    EvaluatedShard.objects.create(shard=0, shards=1, last_as_of=clock.now())
    answer = as_bob.get(address[page])

    assert not mute.closed
    assert answer.status_code == 503
    assert "The event store does not answer." in answer.content.decode()
    assert "Try again in a minute" in answer.content.decode()
    assert mute.connections == 1


def test_suppressions_are_listed_without_their_counts(world: World, as_alice: Client, mute: Mute) -> None:
    make_suppression(world.cast.project, signal="rage_click", created_at=clock.now())
    page = as_alice.get(reverse("admin:detection_suppression_changelist"))

    assert not mute.closed
    assert "the event store does not answer" in page.content.decode()
    assert mute.connections == 1


def test_a_download_that_needs_it_leads_back_and_says_so(world: World, as_bob: Client, mute: Mute) -> None:
    answer = as_bob.get(reverse("admin:incidents_incident_proof", args=[world.incident.pk]))

    assert not mute.closed
    assert answer.status_code == 302
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "No proof could be made. ClickHouse cannot be reached: SocketTimeoutError. Try again in a minute."
    ]
    assert mute.connections == 1
