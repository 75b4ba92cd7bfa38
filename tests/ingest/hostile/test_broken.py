"""What is no batch is refused in the contract's form, stores nothing, and harms nobody who comes after it."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from tests.ingest.batches import EVERY_TYPE, batch, click
from tests.ingest.conftest import Answer, Send
from tests.ingest.hostile.broken import GZIP, JSON, UNUSUAL_GZIP
from tests.ingest.hostile.large import bombs

Stored = Callable[..., list[tuple[Any, ...]]]


def refusal(answer: Answer) -> tuple[int, str]:
    """Status and code of `answer`, which must have the form of every refusal."""
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.body["error"]) == {"code", "message"}
    assert answer.body["error"]["message"].endswith(".")
    return answer.status, answer.body["error"]["code"]


@pytest.mark.parametrize("how", ["plain", "zipped"])
def test_broken_json_is_refused(send: Send, stored: Stored, how: str) -> None:
    for name, body in JSON.items():
        answer = send(body if how == "plain" else gzip.compress(body, compresslevel=1))
        assert (name, *refusal(answer)) in {(name, 400, "malformed"), (name, 400, "invalid_batch")}
    assert send(batch(*EVERY_TYPE)).status == 200
    assert len(stored("n")) == len(EVERY_TYPE)


@pytest.mark.parametrize("header", [{}, {"Content-Encoding": "gzip"}])
def test_broken_gzip_is_refused(send: Send, stored: Stored, header: dict[str, str]) -> None:
    for name, body in GZIP.items():
        # Without the header, what does not begin as gzip does is taken for JSON.
        codes = {"bad_gzip"} if header else {"bad_gzip", "malformed"}
        status, code = refusal(send(body, headers=header))
        assert (name, status, code in codes) == (name, 400, True)
    assert send(batch(*EVERY_TYPE)).status == 200
    assert len(stored("n")) == len(EVERY_TYPE)


@pytest.mark.parametrize("header", [{}, {"Content-Encoding": "gzip"}])
def test_gzip_that_only_looks_broken_is_read(send: Send, stored: Stored, header: dict[str, str]) -> None:
    for name, body in UNUSUAL_GZIP.items():
        assert (name, send(body, headers=header).status) == (name, 200)
    assert len(stored("n")) == len(UNUSUAL_GZIP) * len(EVERY_TYPE)


def test_bombs_are_refused(send: Send, stored: Stored) -> None:
    for name, (body, expected) in bombs().items():
        assert (name, refusal(send(body))[0]) == (name, expected)
    assert send(batch(click(1))).status == 200
    assert stored("n") == [(1,)]


@pytest.mark.parametrize("version", [0, 2, -1, 1.5, "1", None, True, [], {}, 10**30])
def test_another_version_is_refused_by_its_name(send: Send, stored: Stored, version: object) -> None:
    assert refusal(send(batch(v=version))) == (400, "unsupported_version")
    assert stored("n") == []


@pytest.mark.parametrize("kind", ["teleport", "CLICK", "click ", "clic\u212a", "__proto__", "constructor", "x" * 9000])
def test_an_unknown_type_costs_its_event_alone(send: Send, stored: Stored, kind: str) -> None:
    answer = send(batch(click(1), click(2, type=kind), click(3)))
    assert (answer.status, answer.body["accepted"]) == (200, 2)
    assert [rejected["code"] for rejected in answer.body["rejected"]] == ["unknown_type"]
    assert stored("n") == [(1,), (3,)]
