"""Calls that come at the same time share one, and nobody pays for a neighbour."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest

from apps.core.grouping import CrowdedError, Grouping

SECONDS = 30


class DownError(Exception):
    pass


class Work:
    """Doubles numbers; holds while told to. A negative number is a fault of that number alone."""

    def __init__(self, *, most_held: int = 100, most_at_once: int = 50, patience: float = SECONDS) -> None:
        self.groups: list[list[int]] = []
        self.down = False
        # The work may need something before it needs its items.
        self.prepared = threading.Event()
        self.may_take = threading.Event()
        self.may_take.set()
        self._go = threading.Event()
        self._go.set()
        self._begun = threading.Event()
        self.grouping = Grouping(
            self._run, shared=(DownError,), most_held=most_held, most_at_once=most_at_once, patience=patience
        )

    def _run(self, take: Callable[[], list[int]]) -> list[int]:
        self.prepared.set()
        assert self.may_take.wait(SECONDS)
        items = take()
        self.groups.append(items)
        self._begun.set()
        assert self._go.wait(SECONDS)
        if self.down:
            raise DownError
        if min(items) < 0:
            raise ValueError(min(items))
        return [2 * item for item in items]

    @contextmanager
    def held_by(self, item: int, pool: ThreadPoolExecutor) -> Iterator[Future[int]]:
        """The work on `item` alone is under way as long as the block runs."""
        self._go.clear()
        self._begun.clear()
        first = pool.submit(self.grouping.call, item)
        assert self._begun.wait(SECONDS)
        try:
            yield first
        finally:
            self._go.set()

    def queue(self, item: int, pool: ThreadPoolExecutor, *, size: int = 1) -> Future[int]:
        """Calls with `item` and returns once it is queued."""
        before = self.grouping.held
        call = pool.submit(self.grouping.call, item, size=size)
        while self.grouping.held < before + size and not call.done():
            pass
        return call


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as pool:
        yield pool


def test_a_call_to_an_idle_grouping_is_made_at_once_and_alone() -> None:
    work = Work()
    assert [work.grouping.call(item) for item in (1, 2)] == [2, 4]
    assert work.groups == [[1], [2]]


def test_what_queues_while_a_call_is_under_way_is_made_together_and_each_gets_its_own_result(
    pool: ThreadPoolExecutor,
) -> None:
    work = Work()
    with work.held_by(0, pool) as first:
        others = [work.queue(item, pool) for item in range(1, 9)]
    assert first.result(SECONDS) == 0
    assert [call.result(SECONDS) for call in others] == [2 * item for item in range(1, 9)]
    assert work.groups == [[0], list(range(1, 9))]


def test_calls_join_work_that_has_begun_until_it_takes_its_items(pool: ThreadPoolExecutor) -> None:
    work = Work()
    work.may_take.clear()
    first = pool.submit(work.grouping.call, 0)
    assert work.prepared.wait(SECONDS)
    others = [work.queue(item, pool) for item in range(1, 9)]
    work.may_take.set()
    assert [call.result(SECONDS) for call in (first, *others)] == [2 * item for item in range(9)]
    assert work.groups == [list(range(9))]


@pytest.mark.parametrize("error", [DownError, ValueError])
def test_an_error_before_the_items_were_taken_reaches_everybody_who_had_come(
    pool: ThreadPoolExecutor, error: type[Exception]
) -> None:
    begun, may_fail = threading.Event(), threading.Event()

    def fail(take: Callable[[], list[int]]) -> list[int]:
        begun.set()
        assert may_fail.wait(SECONDS)
        raise error

    grouping = Grouping(fail, shared=(DownError,), most_held=9, most_at_once=9, patience=SECONDS)
    calls = [pool.submit(grouping.call, 0)]
    assert begun.wait(SECONDS)
    calls += [pool.submit(grouping.call, item) for item in (1, 2)]
    while grouping.held < 3:
        pass
    may_fail.set()
    for call in calls:
        with pytest.raises(error):
            call.result(SECONDS)
    assert grouping.held == 0


def test_no_group_is_larger_than_allowed_except_a_single_item(pool: ThreadPoolExecutor) -> None:
    work = Work(most_at_once=4)
    with work.held_by(0, pool):
        calls = [work.queue(item, pool, size=size) for item, size in ((1, 2), (2, 2), (3, 1), (4, 9), (5, 1))]
    assert [call.result(SECONDS) for call in calls] == [2, 4, 6, 8, 10]
    assert work.groups == [[0], [1, 2], [3], [4], [5]]


def test_a_call_beyond_what_may_be_held_is_refused_at_once(pool: ThreadPoolExecutor) -> None:
    work = Work(most_held=3)
    with work.held_by(0, pool) as first:
        second = work.queue(1, pool, size=2)
        with pytest.raises(CrowdedError):
            work.grouping.call(2)
    assert (first.result(SECONDS), second.result(SECONDS)) == (0, 2)
    assert work.grouping.held == 0
    assert work.grouping.call(3, size=1000) == 6


def test_a_call_whose_turn_does_not_come_is_withdrawn(pool: ThreadPoolExecutor) -> None:
    work = Work(patience=0.05)
    with work.held_by(0, pool) as first, pytest.raises(CrowdedError):
        work.grouping.call(1)
    assert first.result(SECONDS) == 0
    assert work.groups == [[0]]
    assert work.grouping.held == 0
    assert work.grouping.call(2) == 4


def test_a_call_that_is_being_made_is_waited_for_however_long_it_takes(pool: ThreadPoolExecutor) -> None:
    work = Work(patience=0.05)
    with work.held_by(0, pool) as first, pytest.raises(TimeoutError):
        first.result(0.2)
    assert first.result(SECONDS) == 0


def test_an_error_of_the_whole_work_reaches_everybody_in_the_group(pool: ThreadPoolExecutor) -> None:
    work = Work()
    with work.held_by(0, pool) as first:
        others = [work.queue(item, pool) for item in (1, 2, 3)]
        work.down = True
    for call in (first, *others):
        with pytest.raises(DownError):
            call.result(SECONDS)
    assert work.groups == [[0], [1, 2, 3]]
    work.down = False
    assert work.grouping.call(4) == 8


def test_an_error_of_one_item_costs_its_neighbours_nothing(pool: ThreadPoolExecutor) -> None:
    work = Work()
    with work.held_by(0, pool):
        calls = [work.queue(item, pool) for item in (1, -2, 3)]
    with pytest.raises(ValueError, match="-2"):
        calls[1].result(SECONDS)
    assert (calls[0].result(SECONDS), calls[2].result(SECONDS)) == (2, 6)


def test_nothing_is_lost_or_done_twice_when_many_call_at_random(pool: ThreadPoolExecutor) -> None:
    work = Work(most_held=20, most_at_once=7)
    calls = [pool.submit(work.grouping.call, item, size=1 + item % 3) for item in range(2000)]
    done = {item for item, call in enumerate(calls) if call.exception(SECONDS) is None}
    assert all(calls[item].result() == 2 * item for item in done)
    assert all(isinstance(call.exception(), CrowdedError) for item, call in enumerate(calls) if item not in done)
    assert sorted(item for group in work.groups for item in group) == sorted(done)
    assert max(sum(1 + item % 3 for item in group) for group in work.groups) <= 7
    assert work.grouping.held == 0


class Slow(Grouping[int, int]):
    """Its callers do not go on before they may, as when other threads run first."""

    def __init__(self) -> None:
        super().__init__(lambda take: take(), shared=(), most_held=100, most_at_once=50, patience=SECONDS)
        self.may_go = threading.Event()

    def _leave(self, mine: Any) -> None:
        assert self.may_go.wait(SECONDS)
        super()._leave(mine)


def test_those_whose_calls_are_done_go_on_before_somebody_who_makes_way(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    calls = [pool.submit(slow.call, item) for item in range(5)]
    while slow.held:
        threading.Event().wait(0.001)
    polite = pool.submit(slow.make_way, seconds=SECONDS)
    assert wait([polite], timeout=0.1).done == set()
    # But not for longer than they said.
    slow.make_way(seconds=0.01)
    slow.may_go.set()
    assert [call.result(SECONDS) for call in calls] == list(range(5))
    polite.result(SECONDS)
    # Nobody is counted who was never taken, or for ever.
    assert slow._leaving == 0


def test_nobody_makes_way_for_calls_that_are_not_done(pool: ThreadPoolExecutor) -> None:
    work = Work(patience=0.05)
    with work.held_by(0, pool) as first:
        work.grouping.make_way(seconds=3600)
        with pytest.raises(CrowdedError):
            work.grouping.call(1)
        work.grouping.make_way(seconds=3600)
    assert first.result(SECONDS) == 0
    work.down = True
    with pytest.raises(DownError):
        work.grouping.call(2)
    work.grouping.make_way(seconds=3600)


class Held:
    """An item whose end can be seen."""


@pytest.mark.parametrize("error", [DownError, ValueError])
def test_what_failed_is_let_go_at_once_and_not_when_the_garbage_collector_comes_by(error: type[Exception]) -> None:
    def fail(take: Callable[[], list[Held]]) -> list[None]:
        take()
        raise error

    grouping = Grouping(fail, shared=(DownError,), most_held=9, most_at_once=9, patience=SECONDS)
    item = Held()
    seen = weakref.ref(item)
    gc.disable()
    try:
        with pytest.raises(error):
            grouping.call(item)
        del item
        assert seen() is None
    finally:
        gc.enable()
