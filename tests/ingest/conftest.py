"""A project with a key, and a way to send to it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
import redis
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from apps.clickhouse import client, migrator
from apps.ingest import rate, writer
from apps.ingest.authentication import senders
from apps.projects import keys
from apps.projects.keys import NewKey
from tests.factories import Cast
from tests.ingest.batches import encoded
from tests.ingest.own_clickhouse import OwnClickHouse
from tests.ingest.own_server import Server


@pytest.fixture
def key(cast: Cast) -> Iterator[NewKey]:
    """A live key of Alice's project."""
    senders.forget()
    writer.forget()
    rate.forget()
    _forget_rates()
    yield keys.create(project=cast.project, name="web", actor=cast.alice)
    senders.forget()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    # Decoded JSON; None when the answer has no body.
    body: Any


def _forget_rates() -> None:
    """Keys get the same numbers again in the next run, which may find the same Redis."""
    with redis.Redis.from_url(settings.REDIS_URL) as counts:
        for name in counts.scan_iter("ingest:requests:*"):
            counts.delete(name)


class Send(Protocol):
    def __call__(
        self, value: object, *, content_type: str = ..., headers: dict[str, str] | None = ..., k: str | None = ...
    ) -> Answer: ...


@pytest.fixture
def send(key: NewKey, clickhouse: None) -> Send:
    """Posts a batch (bytes as they are, anything else as JSON) and returns the answer."""
    browser = Client(raise_request_exception=False)

    def post(
        value: object,
        *,
        content_type: str = "text/plain;charset=UTF-8",
        headers: dict[str, str] | None = None,
        k: str | None = key.plain,
    ) -> Answer:
        body = value if isinstance(value, bytes) else encoded(value)
        path = "/v1/events" if k is None else f"/v1/events?k={k}"
        answer = browser.post(path, body, content_type=content_type, headers=headers or {})
        return Answer(answer.status_code, answer.headers, json.loads(answer.content) if answer.content else None)

    return post


@pytest.fixture
def stored(clickhouse: None) -> Callable[..., list[tuple[Any, ...]]]:
    """Reads columns of the events stored, in the order of their numbers."""

    def read(*columns: str) -> list[tuple[Any, ...]]:
        names = ", ".join(columns)
        return client.query(f"SELECT {names} FROM events ORDER BY page_id, n, stored_at")  # noqa: S608 the tests' own names

    return read


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnClickHouse]:
    engine = OwnClickHouse(tmp_path_factory.mktemp("clickhouse"))
    engine.start()
    yield engine
    engine.kill()


@pytest.fixture
def own_clickhouse(engine: OwnClickHouse, settings: Settings) -> Iterator[OwnClickHouse]:
    settings.CLICKHOUSE_URL = engine.url
    migrator.migrate()
    client.command("TRUNCATE TABLE events")
    yield engine
    client.pool().close()
    client.pool(seconds=client.INSERT_SECONDS).close()


@pytest.fixture(scope="module")
def shared_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("gunicorn") / "log")
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: Server, clickhouse: None) -> Server:
    return shared_server


@pytest.fixture
def away(settings: Settings) -> Callable[[], Any]:
    """ClickHouse cannot be reached within the block."""

    @contextmanager
    def block() -> Iterator[None]:
        url = settings.CLICKHOUSE_URL
        settings.CLICKHOUSE_URL = "clickhouse://irk:irk@127.0.0.1:1/irk"
        try:
            yield
        finally:
            settings.CLICKHOUSE_URL = url

    return block
