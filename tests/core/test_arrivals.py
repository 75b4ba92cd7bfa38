"""Requests are on their way from their arrival until they are where they are waited for, whatever becomes of them."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from apps.core.arrivals import Arrivals

SECONDS = 30


def test_nobody_waits_where_nobody_is_on_the_way() -> None:
    Arrivals().wait(seconds=3600)


def test_whoever_waits_goes_on_when_the_last_one_is_there() -> None:
    arrivals = Arrivals()
    steps = [threading.Event() for _ in range(2)]

    def serve(step: threading.Event) -> None:
        with arrivals.serving():
            assert step.wait(SECONDS)
            arrivals.there()
            # Once is enough.
            arrivals.there()

    with ThreadPoolExecutor(3) as pool:
        for step in steps:
            arrivals.arrived()
            pool.submit(serve, step)
        waiting = pool.submit(arrivals.wait, seconds=SECONDS)
        steps[0].set()
        assert wait([waiting], timeout=0.1).done == set()
        assert arrivals.on_their_way == 1
        steps[1].set()
        waiting.result(SECONDS)
    assert arrivals.on_their_way == 0


def test_nobody_is_waited_for_longer_than_said() -> None:
    arrivals = Arrivals()
    arrivals.arrived()
    arrivals.wait(seconds=0.01)
    arrivals.wait(seconds=-1)
    assert arrivals.on_their_way == 1


def test_one_that_fails_on_the_way_is_not_waited_for() -> None:
    arrivals = Arrivals()
    arrivals.arrived()
    with pytest.raises(OSError, match="gone"), arrivals.serving():
        raise OSError("gone")
    arrivals.wait(seconds=3600)


def test_a_thread_that_serves_nobody_takes_nobody_else_off_the_count() -> None:
    arrivals = Arrivals()
    arrivals.arrived()
    arrivals.there()
    assert arrivals.on_their_way == 1
