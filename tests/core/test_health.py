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
