"""Keys are looked up once for many requests, and never remembered for longer than a revocation may take."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.ingest import authentication
from apps.ingest.authentication import Sender, Senders, Unknown
from apps.projects import keys
from apps.projects.keys import NewKey
from tests.factories import make_cast
from tests.ingest.batches import batch
from tests.ingest.conftest import Send


def made_up(number: int) -> str:
    return f"irk_pk_{number:024}"


def find(known: Senders, plain: str, *, now: float) -> Sender | Unknown:
    return known.remembered(plain, now=now) or known.look_up(plain, now=now)


def test_a_revoked_key_is_refused_within_5_s_and_not_before_it_was_revoked(key: NewKey) -> None:
    known = Senders()
    assert isinstance(find(known, key.plain, now=100.0), Sender)
    keys.revoke(key.api_key)
    assert isinstance(find(known, key.plain, now=100.1), Sender)
    assert isinstance(find(known, key.plain, now=105.0), Unknown)
    assert isinstance(find(known, key.plain, now=105.1), Unknown)


def test_one_request_looks_a_known_key_up_before_its_time_is_up_and_the_others_do_not_wait(key: NewKey) -> None:
    known = Senders()
    assert isinstance(find(known, key.plain, now=100.0), Sender)
    assert isinstance(known.remembered(key.plain, now=102.9), Sender)
    # One is told to look it up. Until that is done, or if it fails, the others go on, but for no longer than ever.
    assert known.remembered(key.plain, now=103.1) is None
    assert isinstance(known.remembered(key.plain, now=103.2), Sender)
    assert known.remembered(key.plain, now=104.0) is None
    assert isinstance(known.look_up(key.plain, now=103.1), Sender)
    assert isinstance(known.remembered(key.plain, now=106.0), Sender)
    assert known.remembered(key.plain, now=106.2) is None


def test_an_unknown_key_is_not_looked_up_before_its_time_is_up(key: NewKey) -> None:
    known = Senders()
    assert isinstance(find(known, made_up(1), now=1.0), Unknown)
    assert isinstance(known.remembered(made_up(1), now=4.9), Unknown)
    assert known.remembered(made_up(1), now=5.0) is None


def test_unknown_keys_are_remembered_too(key: NewKey, django_assert_num_queries: Any) -> None:
    known = Senders()
    with django_assert_num_queries(1):
        for _ in range(3):
            assert isinstance(find(known, made_up(1), now=1.0), Unknown)


def test_only_so_many_keys_are_remembered_and_made_up_ones_push_out_no_real_one(
    key: NewKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "_MOST_REMEMBERED", 2)
    known = Senders()
    find(known, key.plain, now=0.0)
    for number in range(3):
        find(known, made_up(number), now=float(number) / 10)
    assert list(known._unknown) == [keys.hash_key(made_up(number)) for number in (1, 2)]
    assert isinstance(known.remembered(key.plain, now=1.0), Sender)


@pytest.mark.django_db(transaction=True)
def test_keys_that_come_at_the_same_time_are_looked_up_by_one_query() -> None:
    cast = make_cast()
    real = keys.create(project=cast.project, name="web", actor=cast.alice)
    known = Senders()
    queries: list[int] = []
    # The first look-up cannot end before Postgres lets it: a lock on the table.
    with ThreadPoolExecutor(21) as pool, connection.cursor() as cursor:

        def look_up(plain: str) -> Sender | Unknown:
            with CaptureQueriesContext(connections["default"]) as captured:
                found = known.look_up(plain, now=1.0)
            queries.append(len(captured))
            connections["default"].close()
            return found

        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE projects_apikey IN ACCESS EXCLUSIVE MODE")
        calls = [pool.submit(look_up, made_up(number)) for number in range(20)]
        calls.append(pool.submit(look_up, real.plain))
        while known._look_ups.held < len(calls):
            threading.Event().wait(0.001)
        cursor.execute("COMMIT")
        found = [call.result(30) for call in calls]
    assert [type(each) for each in found] == [Unknown] * 20 + [Sender]
    assert sum(queries) == 2


def test_an_address_that_tries_many_unknown_keys_is_asked_to_wait_and_remembered_keys_still_work(
    send: Send, key: NewKey, settings: Settings, django_assert_max_num_queries: Any
) -> None:
    settings.INGEST_UNKNOWN_KEYS_PER_MINUTE = 3
    assert send(batch()).status == 200
    with django_assert_max_num_queries(2 * 3):
        answers = [send(batch(), k=made_up(number)) for number in range(20)]
    # The minute may end in between: then three more are looked up.
    assert 3 <= sum(answer.status == 401 for answer in answers) <= 6
    refused = answers[-1]
    assert (refused.status, refused.body["error"]["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert send(batch()).status == 200
    elsewhere = {"X-Forwarded-For": "198.51.100.7"}
    assert send(batch(), k=made_up(99), headers=elsewhere).status == 401


def test_a_dead_key_that_is_still_in_use_does_not_use_up_its_address_s_guesses(
    send: Send, key: NewKey, settings: Settings
) -> None:
    settings.INGEST_UNKNOWN_KEYS_PER_MINUTE = 2
    assert {send(batch(), k=made_up(1)).status for _ in range(20)} == {401}
    assert send(batch()).status == 200
