"""Requests made from the published schema, and what every answer to them must be."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import hypothesis
import requests
import schemathesis
from django.test import Client
from hypothesis import Phase
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, SerializationContext
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.ingest.batches import EVERY_TYPE, batch, encoded

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/json", "text/plain", "application/gzip")
def _as_sent(context: SerializationContext, value: object) -> bytes:
    if isinstance(value, bytes):
        body = value
    else:
        body = json.dumps(_as_in_javascript(value), ensure_ascii=False).encode(errors="surrogatepass")
    case = context.case
    zipped = case.media_type == "application/gzip" or "gzip" in str(case.headers.get("Content-Encoding", ""))
    return gzip.compress(body, compresslevel=1) if zipped else body


def _as_in_javascript(value: object) -> object:
    """`value` with whole numbers as integers: JavaScript has one kind of number, and writes 1.0 as 1."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, dict):
        return {name: _as_in_javascript(item) for name, item in value.items()}
    return [_as_in_javascript(item) for item in value] if isinstance(value, list) else value


def published() -> dict[str, Any]:
    """What `/api/schema` says."""
    schema: dict[str, Any] = Client().get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    return schema


def attack(url: str, *, key: str, seed: int, examples: int) -> Counter[int]:
    """Sends three times `examples` requests and returns how often which status came.

    Valid ones, which must be accepted whole; invalid ones; and valid bytes with some of them changed. Raises what
    Schemathesis raises when an answer is not as published, and AssertionError.
    """
    operation = schemathesis.openapi.from_dict(published())["/v1/events"]["POST"]
    statuses: Counter[int] = Counter()

    def answer_to(case: Case[Any]) -> requests.Response:
        # A connection each: one that is kept may be closed by the server just when it is used again.
        answer = requests.request(**case.as_transport_kwargs(base_url=url), timeout=60)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=_CHECKS)
        return answer

    def valid(case: Case[Any]) -> None:
        answer = answer_to(case)
        body: Any = case.body
        assert (answer.status_code, answer.json()) == (200, {"accepted": len(body["events"]), "rejected": []})

    def invalid(case: Case[Any]) -> None:
        answer_to(case)

    def damaged(body: bytes) -> None:
        answer_to(operation.Case(body=body, media_type="text/plain", query={"k": key}))

    for check, cases in (
        (valid, operation.as_strategy(GenerationMode.POSITIVE, query={"k": key})),
        (invalid, operation.as_strategy(GenerationMode.NEGATIVE, query={"k": key})),
        (damaged, _damaged(encoded(batch(*EVERY_TYPE)))),
    ):
        _run(check, cases, seed=seed, examples=examples)
    return statuses


def _run(check: Callable[[Any], None], cases: st.SearchStrategy[Any], *, seed: int, examples: int) -> None:
    configured = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.seed(seed)(configured(hypothesis.given(cases)(check)))()


@st.composite
def _damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """`good` with some spans of its bytes replaced by others, then compressed or not, and cut or not."""
    body = bytearray(good)
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        place = draw(st.integers(min_value=0, max_value=len(body)))
        length = draw(st.integers(min_value=0, max_value=8))
        body[place : place + length] = draw(st.binary(max_size=8) | st.sampled_from(_TOKENS))
    sent = gzip.compress(body, compresslevel=1, mtime=0) if draw(st.booleans()) else bytes(body)
    return sent[: draw(st.integers(min_value=0, max_value=len(sent)) | st.just(len(sent)))]


_TOKENS = [b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\\u0000", b"\\ud800", b"\xff", b"\0", b"null", b"1e999"]
_TOKENS += [b"-0", b"NaN", b"9" * 40, b"{" * 20, b'"n":1,', b'"events":[],', b"\x1f\x8b", b"\xef\xbb\xbf", b"true"]
