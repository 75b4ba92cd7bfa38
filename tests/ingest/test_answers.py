"""Statuses, error bodies and headers, over HTTP."""

import logging
import socket
import sys

import pytest
from django.core.signals import got_request_exception
from django.test import Client
from pytest_django import Settings

from apps.clickhouse import client
from apps.ingest import views
from apps.projects import keys
from apps.projects.keys import NewKey
from tests.factories import Cast
from tests.ingest.batches import batch, click, encoded, zipped
from tests.ingest.conftest import Answer, Send

ORIGIN = "https://shop.example.com"
LOST = "irk_ingest_events_lost_by_clients_total "


def is_refusal(answer: Answer, status: int, code: str) -> bool:
    """Whether `answer` is that refusal, in the form that every refusal has."""
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.body) == {"error"}
    assert set(answer.body["error"]) == {"code", "message"}
    assert answer.body["error"]["message"].endswith(".")
    assert (answer.status, answer.body["error"]["code"]) == (status, code)
    return client.query("SELECT count() FROM events") == [(0,)]


# --- keys and origins


def test_a_request_without_a_key_is_refused(send: Send) -> None:
    assert is_refusal(send(batch(), k=None), 401, "missing_key")
    assert is_refusal(send(batch(), k=""), 401, "missing_key")


@pytest.mark.parametrize(
    "k", ["x", "irk_pk_" + "a" * 24, "irk_pk_" + "é" * 24, "irk_pk_" + "a" * 5000, "%00", "' OR 1=1"]
)
def test_an_unknown_key_is_refused(send: Send, k: str) -> None:
    assert is_refusal(send(batch(), k=k), 401, "invalid_key")


def test_a_new_key_works_at_once(send: Send, cast: Cast) -> None:
    second = keys.create(project=cast.project, name="rotation", actor=cast.alice)
    assert send(batch(), k=second.plain).status == 200
    assert send(batch()).status == 200


def test_a_page_of_another_origin_is_refused_in_words_that_it_can_read(send: Send, cast: Cast) -> None:
    cast.project.allowed_origins = [ORIGIN, "https://*.example.org"]
    cast.project.save()
    answer = send(batch(), headers={"Origin": "https://evil.example.com"})
    assert is_refusal(answer, 403, "origin_not_allowed")
    assert "https://evil.example.com" in answer.body["error"]["message"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://evil.example.com"
    assert is_refusal(send(batch(), headers={"Origin": "null"}), 403, "origin_not_allowed")
    for allowed in (ORIGIN, "https://a.example.org"):
        assert send(batch(), headers={"Origin": allowed}).status == 200


def test_a_key_writes_only_into_its_own_project(send: Send, cast: Cast) -> None:
    charlies = keys.create(project=cast.other_project, name="web", actor=cast.charlie)
    send(batch(click(1)))
    send(batch(click(2)), k=charlies.plain)
    rows = client.query("SELECT project_id, n FROM events ORDER BY n")
    assert rows == [(cast.project.pk, 1), (cast.other_project.pk, 2)]


def test_no_log_line_holds_the_key(send: Send, key: NewKey, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert send(batch()).status == 200
    assert send(b"{").status == 400
    assert send(batch(), headers={"Origin": "https://evil.example.com"}).status == 200
    assert "ingest.refused" in caplog.text
    assert key.plain not in caplog.text


# --- CORS


def test_a_preflight_is_answered_without_a_key(send: Send) -> None:
    answer = Client().options(
        "/v1/events",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, content-encoding",
        },
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type, Content-Encoding"
    assert int(answer.headers["Access-Control-Max-Age"]) >= 7200


def test_every_answer_can_be_read_by_the_page_that_asked(send: Send) -> None:
    origin = {"Origin": ORIGIN}
    answers = [
        send(batch(), headers=origin),
        send(b"{", headers=origin),
        send(batch(), headers=origin, k="nobody's"),
        send(batch(), headers=origin, content_type="text/html"),
    ]
    assert [answer.status for answer in answers] == [200, 400, 401, 415]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Expose-Headers"] == "Retry-After"
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_without_an_origin_there_are_no_cors_headers(send: Send) -> None:
    assert "Access-Control-Allow-Origin" not in send(batch()).headers


# --- forms of the request


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain;charset=UTF-8",
        "text/plain",
        "application/json",
        'application/json; charset="utf-8"',
        "application/json; charset=UTF-8; profile=x",
        "APPLICATION/JSON",
        "",
    ],
)
def test_text_and_json_in_utf_8_are_taken(send: Send, content_type: str) -> None:
    assert send(batch(), content_type=content_type).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain; charset=utf-16",
        "x",
    ],
)
def test_anything_else_is_refused(send: Send, content_type: str) -> None:
    assert is_refusal(send(batch(), content_type=content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/xml;q=0.9", "nonsense"])
def test_an_accept_header_is_no_reason_to_lose_events(send: Send, accept: str) -> None:
    assert send(batch(), headers={"Accept": accept}).status == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "trace"])
def test_other_methods_are_refused(send: Send, method: str) -> None:
    answer = getattr(Client(), method)("/v1/events", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, OPTIONS")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert method == "head" or answer.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/v1/", "/v1/event", "/v1/events/1", "/v1/events.json"])
def test_other_addresses_are_refused_in_the_same_form(send: Send, path: str) -> None:
    answer = Client().post(path, b"{}", content_type="text/plain", headers={"Origin": ORIGIN})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_trailing_slash_is_no_other_address(key: NewKey, clickhouse: None) -> None:
    answer = Client().post(f"/v1/events/?k={key.plain}", encoded(batch()), content_type="text/plain")
    assert answer.status_code == 200


@pytest.mark.parametrize("rest", ["&" * 3000, "&a" * 2000, "&k=another", "&%ff=%00", "&=&&;k"])
def test_whatever_else_stands_in_the_query_string_does_not_matter(send: Send, key: NewKey, rest: str) -> None:
    assert send(batch(), k=key.plain + rest).status == 200


# --- limits


def test_a_body_over_the_wire_limit_is_refused(send: Send, settings: Settings) -> None:
    body = encoded(batch())
    settings.INGEST_MAX_WIRE_BYTES = len(body)
    assert send(body).status == 200
    client.command("TRUNCATE TABLE events")
    assert is_refusal(send(body + b" "), 413, "too_large")


def test_a_bomb_is_refused(send: Send) -> None:
    assert is_refusal(send(zipped([0] * 1_500_000)), 413, "too_large")


def test_too_many_events_are_refused(send: Send) -> None:
    assert is_refusal(send(zipped(batch(*(click(n) for n in range(501))))), 413, "too_many_events")


def test_events_rejected_one_by_one_are_told_and_counted(send: Send) -> None:
    answer = send(batch(events=[click(1), {"n": 2, "t": 0, "type": "teleport"}, click(3), "nothing"]))
    assert answer.status == 200
    assert answer.body["accepted"] == 2
    assert [(r["index"], r["n"], r["code"]) for r in answer.body["rejected"]] == [
        (1, 2, "unknown_type"),
        (3, None, "invalid_event"),
    ]
    metrics = Client().get("/metrics").content.decode()
    assert 'irk_events_rejected_total{code="unknown_type"}' in metrics
    assert "irk_events_accepted_total" in metrics
    assert 'irk_ingest_requests_total{status="200"}' in metrics
    assert "irk_insert_seconds_bucket" in metrics


@pytest.mark.parametrize(("lost", "counted"), [(None, 0), (0, 0), (7, 7), (2**32 - 1, 10_000)])
def test_what_a_page_lost_is_counted_and_a_made_up_number_is_bounded(
    send: Send, lost: int | None, counted: int
) -> None:
    def total() -> float:
        [line] = [line for line in Client().get("/metrics").content.decode().splitlines() if line.startswith(LOST)]
        return float(line.split()[1])

    before = total()
    assert send(batch(lost=lost)).status == 200
    assert total() - before == counted
    assert send(batch(lost=-1)).status == 400
    assert total() - before == counted


def test_a_batch_without_one_acceptable_event_is_answered_all_the_same(send: Send) -> None:
    answer = send(batch({"n": 1}))
    assert (answer.status, answer.body["accepted"], len(answer.body["rejected"])) == (200, 0, 1)


# --- what is down


def test_a_batch_that_no_store_can_take_is_answered_with_503_and_when_to_come_back(
    send: Send, settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    good = settings.CLICKHOUSE_URL
    settings.CLICKHOUSE_URL = f"clickhouse://irk:irk@127.0.0.1:{port}/irk"
    settings.INGEST_SPOOL_BYTES = 1
    answer = send(batch(), headers={"Origin": ORIGIN})
    settings.CLICKHOUSE_URL = good
    assert is_refusal(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert str(port) not in str(answer.body)


def test_a_fault_of_ours_is_answered_with_500_in_the_same_form(
    send: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a secret detail")

    reported: list[type[BaseException] | None] = []
    monkeypatch.setattr(views, "columns_of", fail)

    def report(**kwargs: object) -> None:
        reported.append(sys.exc_info()[0])

    got_request_exception.connect(report)
    answer = send(batch(), headers={"Origin": ORIGIN})
    assert is_refusal(answer, 500, "internal")
    assert "secret" not in str(answer.body)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert reported == [RuntimeError]
    assert "a secret detail" in caplog.text
