import socket
import threading

import pytest
from django.test import Client
from pytest_django import Settings

from apps.core import health


def test_alive_answers_without_any_store(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_names_every_part_that_answers(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "down": [],
        "parts": {"postgres": "ok", "redis": "ok", "clickhouse": "ok"},
    }


@pytest.mark.django_db
def test_ready_names_the_part_that_is_down_and_keeps_the_reason_to_itself(client: Client, settings: Settings) -> None:
    # Port 1 of the loopback: nothing listens there.
    settings.REDIS_URL = "redis://:a-secret@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["down"] == ["redis"]
    assert "a-secret" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["postgres", "redis", "clickhouse"])
def test_ready_does_not_wait_for_a_part_that_takes_connections_and_says_nothing(
    client: Client, settings: Settings, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = []
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0" if part == "redis" else settings.REDIS_URL
        if part == "clickhouse":
            settings.CLICKHOUSE_URL = f"clickhouse://irk:irk@127.0.0.1:{port}/irk"
        if part == "postgres":
            monkeypatch.setitem(settings.DATABASES["default"], "PORT", port)
            monkeypatch.setitem(settings.DATABASES["default"]["OPTIONS"], "connect_timeout", 300)

        def end() -> None:
            given_up.append(port)
            mute.close()

        # Whoever is as patient as a page, or as these settings, waits until then.
        patience = threading.Timer(30, end)
        patience.start()
        response = client.get("/readyz")
        patience.cancel()

    assert response.json()["down"] == [part]
    assert not given_up


def test_a_part_that_was_added_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", {})

    def out_of_order() -> None:
        raise ConnectionError("no route")

    health.add_check("mail", out_of_order)
    assert health.states() == {"mail": "down"}


def test_probes_are_answered_under_any_host_name_and_without_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["irk.example.com"]
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/admin/", headers={"host": "10.0.0.7:8000"}).status_code == 400
