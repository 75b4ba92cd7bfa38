"""Moving the recorded visits to now, and the pace at which they are sent."""

from contextlib import ExitStack
from itertools import pairwise
from time import time_ns

import pytest

from apps.demo import recording
from apps.demo.recording import Batch, Visit
from apps.demo.replay import STAGGER_MS, Progress, as_one_run, moved, replay
from apps.demo.sending import Endpoint, RefusedError
from tests.demo.scripted_server import answering

NOW_MS = 1_795_435_200_000


def _batch(*, at_ms: int = 0, origin: int = 1_000_000, sent_wall: int = 1_005_000, page: str = "page-one-1") -> Batch:
    return Batch(
        at_ms,
        {
            "v": 1,
            "sid": "session-1",
            "page": page,
            "origin": origin,
            "sentMono": 5_000.0,
            "sentWall": sent_wall,
            "events": [{"n": 0, "t": 10, "type": "leave", "route": "/", "dur": 10}],
        },
    )


def test_both_clocks_of_a_batch_move_by_the_same_amount() -> None:
    visit = Visit("one", (_batch(), _batch(at_ms=9_000, origin=1_004_000, sent_wall=1_009_000)))

    shifted = moved(visit, run_id="run", starts_ms=NOW_MS)

    assert [batch.integer("origin") - NOW_MS for batch in shifted.batches] == [0, 4_000]
    assert [batch.integer("sentWall") - NOW_MS for batch in shifted.batches] == [5_000, 9_000]
    assert shifted.began_ms == NOW_MS


def test_events_and_their_monotonic_times_stay_as_they_were_recorded() -> None:
    (before,), (after,) = _visit().batches, moved(_visit(), run_id="run", starts_ms=NOW_MS).batches

    assert after.events() == before.events()
    assert after.body["sentMono"] == before.body["sentMono"]


def test_ids_are_fresh_in_each_run_and_the_same_when_a_run_is_repeated() -> None:
    visit = Visit("one", (_batch(), _batch(page="page-two-2")))

    first, again, other = (moved(visit, run_id=run_id, starts_ms=NOW_MS) for run_id in ("a", "a", "b"))

    assert first == again
    assert {batch.text("page") for batch in first.batches}.isdisjoint(batch.text("page") for batch in other.batches)
    assert first.batches[0].text("sid") == first.batches[1].text("sid") != other.batches[0].text("sid")
    assert first.batches[0].text("page") != first.batches[1].text("page")


def test_the_shoppers_of_a_run_arrive_one_after_the_other_and_overlap() -> None:
    run = as_one_run(recording.load(), run_id="run", starts_ms=NOW_MS)

    assert [visit.began_ms - NOW_MS for visit in run] == [place * STAGGER_MS for place in range(len(run))]
    ends = [visit.began_ms + visit.batches[-1].at_ms for visit in run]
    assert any(later.began_ms < end for end, (_, later) in zip(ends, pairwise(run), strict=False))


def _visit() -> Visit:
    return Visit("one", (_batch(),))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_the_same_batch_is_sent_again_until_it_is_stored(status: int) -> None:
    reasons: list[str] = []

    with answering(status) as product:
        accepted = Endpoint(product.url, "key").send(_batch().body, on_retry=reasons.append)

    assert accepted == 1
    assert reasons == [f'{status}: {{"error":{{"code":"x","message":"not now"}}}}']
    first, second = product.batches
    assert {**first, "sentMono": None, "sentWall": None} == {**second, "sentMono": None, "sentWall": None}
    assert second["sentWall"] - first["sentWall"] == second["sentMono"] - first["sentMono"] > 0


@pytest.mark.parametrize("status", [400, 401, 403, 413, 415])
def test_a_refused_batch_is_not_sent_again(status: int) -> None:
    with answering(status) as product, pytest.raises(RefusedError, match="not now"):
        Endpoint(product.url, "key").send(_batch().body)

    assert len(product.batches) == 1


def test_a_batch_outlasts_a_product_that_is_not_there_yet() -> None:
    with answering() as product:
        port = product.server_port
    reasons: list[str] = []

    with ExitStack() as late:

        def start_after_two_tries(reason: str) -> None:
            reasons.append(reason)
            if len(reasons) == 2:
                late.enter_context(answering(port=port))

        accepted = Endpoint(product.url, "key").send(_batch().body, on_retry=start_after_two_tries)

    assert accepted == 1
    assert reasons == ["no connection: ConnectionRefusedError"] * 2


def test_a_batch_is_sent_when_its_time_has_come_and_not_before() -> None:
    starts_ms = time_ns() // 1_000_000 + 100
    visit = moved(Visit("one", (_batch(), _batch(at_ms=400))), run_id="run", starts_ms=starts_ms)
    progress = Progress(batches=2)

    with answering() as product:
        replay([visit], Endpoint(product.url, "key"), progress, stop=lambda: False)

    assert progress.sent == 2
    early_ms = [starts_ms + batch.at_ms - came for came, batch in zip(product.came_ms, visit.batches, strict=True)]
    assert max(early_ms) <= 0
