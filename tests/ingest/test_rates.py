"""Rates: what one sender may send in a minute, whoever counts it, and that it is nobody else's."""

import socket
import time
from urllib.parse import urlsplit

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from apps.ingest import rate
from apps.ingest.address import address_of
from apps.ingest.rate import Kind, Rates, Subject
from apps.projects import keys
from apps.projects.keys import NewKey
from tests.factories import Cast, make_project
from tests.ingest.batches import batch, click
from tests.ingest.conftest import Answer, Send
from tests.proxy import Passage, Proxy, at_port

ORIGIN = "https://shop.example.com"
MINUTE = 60.0 * 1_000_000


def sent(rates: Rates, subject: Subject, *, times: int, now: float = MINUTE, monotonic: float = 0.0) -> int:
    """How many of `times` requests pass, a hundredth of a second apart."""
    passed = 0
    for number in range(times):
        if not rates.over(subject, now=now):
            rates.count(subject, now=now, monotonic=monotonic + number / 100)
            passed += 1
    return passed


@pytest.fixture(params=["in Redis", "without Redis"])
def redis_url(request: pytest.FixtureRequest, settings: Settings, key: NewKey) -> str:
    if request.param == "without Redis":
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
    return str(settings.REDIS_URL)


def test_a_subject_over_its_limit_waits_for_the_next_minute_and_others_do_not(redis_url: str) -> None:
    rates = Rates(redis_url)
    one, other = Subject("key", 1, 3), Subject("key", 2, 3)
    assert sent(rates, one, times=8) == 3
    assert sent(rates, other, times=1) == 1
    assert sent(rates, Subject("organization", 1, 3), times=1) == 1
    assert sent(rates, one, times=8, now=MINUTE + 59.9) == 0
    assert sent(rates, one, times=8, now=MINUTE + 60.0) == 3


def test_processes_share_a_limit_to_within_what_they_send_between_two_exchanges(
    key: NewKey, settings: Settings
) -> None:
    subject = Subject("key", 1, 100)
    processes = [Rates(settings.REDIS_URL) for _ in range(3)]
    passed = 0
    for number in range(100):
        for process in processes:
            passed += sent(process, subject, times=1, monotonic=float(number))
    # Each learns of the others' requests only when it sends its own.
    assert 100 <= passed <= 100 + len(processes)


def test_what_was_counted_while_redis_was_away_is_told_when_it_is_back(key: NewKey, settings: Settings) -> None:
    subject = Subject("key", 1, 1_000)
    lonely, other = Rates("redis://127.0.0.1:1/0"), Rates(settings.REDIS_URL)
    assert sent(lonely, subject, times=10) == 10
    lonely._redis = redis.Redis.from_url(settings.REDIS_URL)
    assert sent(lonely, subject, times=1, monotonic=100.0) == 1
    lonely._redis.close()
    assert sent(other, Subject("key", 1, 12), times=5) == 1


class _SlowToAnswerCounts(Passage):
    """Redis is told at once and answers too late."""

    counting = False

    def to_server(self, chunk: bytes) -> bool:
        self.counting = self.counting or b"INCRBY" in chunk
        return True

    def to_client(self, chunk: bytes) -> bool:
        if self.counting:
            time.sleep(2 * rate._REDIS_TIMEOUT)
        return True


def test_a_redis_that_is_slow_does_not_count_the_same_requests_again_and_again(key: NewKey, settings: Settings) -> None:
    subject = Subject("key", 1, 5)
    proxy = Proxy(urlsplit(settings.REDIS_URL).port or 6379, _SlowToAnswerCounts)
    rates = Rates(at_port(settings.REDIS_URL, proxy.port))
    for number in range(4):
        # Each time after Redis was left alone.
        assert sent(rates, subject, times=1, monotonic=10.0 * number) == 1
    assert sent(rates, subject, times=8, monotonic=100.0) == 1
    proxy.close()
    with redis.Redis.from_url(settings.REDIS_URL) as counts:
        assert 1 <= int(counts.get(f"ingest:requests:key:1:{int(MINUTE // 60)}") or 0) <= 5


def test_a_request_over_its_limit_asks_redis_nothing(key: NewKey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        rates = Rates(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        # Ten seconds of requests: longer than Redis is left alone after it failed.
        assert sent(rates, Subject("key", 1, 1), times=1000) == 1
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_made_up_addresses_take_a_bounded_amount_of_memory_and_no_real_key_s_place(
    key: NewKey, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "_MOST_COUNTS", 50)
    rates = Rates(settings.REDIS_URL)
    for number in range(200):
        sent(rates, Subject("address", f"10.0.0.{number}", 5), times=1)
    assert sent(rates, Subject("key", 1, 3), times=8) == 3
    assert sum(map(len, rates._counts.values())) == 51


# --- over HTTP


def statuses(answers: list[Answer]) -> list[int]:
    return [answer.status for answer in answers]


def test_a_key_over_its_rate_is_told_when_to_come_back(redis_url: str, send: Send, settings: Settings) -> None:
    settings.INGEST_REQUESTS_PER_MINUTE = 3
    answers = [send(batch(click(n)), headers={"Origin": ORIGIN}) for n in range(8)]
    # The minute may end in between: then up to three more pass.
    assert statuses(answers[:3]) == [200] * 3
    assert 3 <= statuses(answers).count(200) <= 6
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.body["error"]["code"] == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Access-Control-Expose-Headers"] == "Retry-After"


@pytest.mark.parametrize("kind", ["key", "organization", "address"])
def test_each_kind_of_limit_stops_its_own_and_nobody_else(
    send: Send, settings: Settings, cast: Cast, kind: Kind
) -> None:
    name = {"key": "INGEST_REQUESTS_PER_MINUTE"}.get(kind, f"INGEST_{kind.upper()}_REQUESTS_PER_MINUTE")
    setattr(settings, name, 3)
    own = cast.project
    sibling = make_project(cast.organization, name="Blog", slug="blog")
    for project, address in ((own, "198.51.100.1"), (sibling, "198.51.100.2"), (cast.other_project, "198.51.100.3")):
        k = keys.create(project=project, name="web", actor=cast.alice).plain
        answers = [send(batch(), k=k, headers={"X-Forwarded-For": address}) for _ in range(8)]
        passed = statuses(answers).count(200)
        if kind == "organization" and project == sibling:
            # Used up by its sibling, unless a minute ended meanwhile.
            assert passed in {0, 3}
        else:
            assert 3 <= passed <= 6
        assert set(statuses(answers)) <= {200, 429}


def test_what_a_key_over_its_rate_sends_is_not_taken_from_its_organization(
    send: Send, settings: Settings, cast: Cast
) -> None:
    settings.INGEST_REQUESTS_PER_MINUTE = 3
    settings.INGEST_ORGANIZATION_REQUESTS_PER_MINUTE = 7
    for _ in range(50):
        send(batch())
    other = keys.create(project=cast.project, name="other", actor=cast.alice)
    assert send(batch(), k=other.plain).status == 200


def test_a_body_over_the_rate_is_not_even_looked_at(send: Send, settings: Settings) -> None:
    settings.INGEST_REQUESTS_PER_MINUTE = 1
    answers = [send(b"{" * 100_000) for _ in range(4)]
    assert statuses(answers)[0] == 400
    assert 429 in statuses(answers)


# --- addresses


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        (None, 1, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
        ("198.51.100.7", 1, "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7", 1, "198.51.100.7"),
        ("1.2.3.4, 198.51.100.7, 10.0.0.1", 2, "198.51.100.7"),
        ("198.51.100.7", 2, "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", 1, "198.51.100.7"),
        ("198.51.100.7:4711", 1, "198.51.100.7:4711"),
        ("x" * 1000, 1, "x" * 64),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(forwarded: str | None, proxies: int, address: str) -> None:
    meta = {"REMOTE_ADDR": "192.0.2.1"} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert address_of(meta, proxies=proxies) == address


@given(st.text(), st.integers(min_value=1, max_value=3))
def test_whatever_a_client_claims_is_short_and_harmless(forwarded: str, proxies: int) -> None:
    assert len(address_of({"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": "192.0.2.1"}, proxies=proxies)) <= 64
