"""The published schema says what the endpoint does, and whatever is made from it gets an answer that it names."""

import ast
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from apps.ingest import wire
from apps.ingest.openapi import REFUSALS
from apps.projects.keys import NewKey
from tests.ingest.hostile.published import attack, published
from tests.ingest.own_server import Server

ROOT = Path(__file__).resolve().parents[3]
# bin/fuzz-ingest asks for longer, and for another seed.
SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
EXAMPLES = 100 if SECONDS else 40
SEED = int(os.environ.get("FUZZ_SEED", "1"))


@pytest.fixture
def tireless(django_db_setup: None, clickhouse: None, tmp_path: Path) -> Iterator[Server]:
    """A server that takes any number of requests."""
    kinds = ("", "ORGANIZATION_", "ADDRESS_")
    rates = {f"INGEST_{kind}REQUESTS_PER_MINUTE": "1000000000" for kind in kinds}
    server = Server(tmp_path / "log", LOG_LEVEL="ERROR", **rates)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return published()


def test_the_schema_is_there_for_people_and_programs() -> None:
    assert Client().get("/api/schema").headers["Content-Type"].startswith("application/vnd.oai.openapi")
    assert list(published()["paths"]) == ["/v1/events"]


def test_every_field_of_the_wire_is_published(schema: dict[str, Any]) -> None:
    types = schema["components"]["schemas"]
    for struct in (wire.Batch, wire.Context, wire.Event, wire.Element, wire.Answers):
        names = {field.encode_name for field in msgspec.structs.fields(struct)}
        assert set(types[struct.__name__]["properties"]) == names
        # Unknown ones are tolerated.
        assert "additionalProperties" not in types[struct.__name__]
    assert types["Event"]["properties"]["type"]["enum"] == sorted(wire.EVENT_TYPES)


def test_every_refusal_is_published_and_no_other(schema: dict[str, Any]) -> None:
    raised: dict[int, set[str]] = {}
    for module in (ROOT / "apps" / "ingest").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
                status, code = (argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant))
                raised.setdefault(int(str(status)), set()).add(str(code))
    # Of other addresses, which the schema does not name.
    del raised[404]
    assert {status: set(codes) for status, (_, codes) in REFUSALS.items()} == raised
    assert set(schema["paths"]["/v1/events"]["post"]["responses"]) == {"200", *map(str, REFUSALS)}


@pytest.mark.django_db(transaction=True)
def test_no_request_made_from_the_schema_gets_an_answer_that_it_does_not_name(tireless: Server, key: NewKey) -> None:
    end = time.monotonic() + SECONDS
    seed = SEED
    while True:
        statuses = attack(f"http://127.0.0.1:{tireless.port}", key=key.plain, seed=seed, examples=EXAMPLES)
        print(f"seed {seed}: {dict(sorted(statuses.items()))}", flush=True)  # noqa: T201 for whoever waits an hour
        assert statuses[200] >= EXAMPLES
        assert 400 in statuses
        seed += 1
        if time.monotonic() >= end:
            break
