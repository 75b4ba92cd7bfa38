"""Group commit: calls that come while one is under way are made together, as the next one.

There is no thread of its own and no timer. A caller who finds nobody at work begins at once; whoever comes meanwhile
queues, and the first of the queue then does the work for all of them. So an idle process adds no delay, a busy one
forms larger groups by itself, nothing has to be started after a fork, and a process that stops taking calls finishes
those that it began, because callers do all the work.

Work may begin with something that needs no items, such as asking a server whether it is ready. It takes its items when
it needs them, and until then calls still join its group.

Python lets one thread run at a time. Where it takes work to come to a call, those who have their results stand in line
with those who only begin; `make_way` lets them pass.
"""

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar, cast

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class CrowdedError(Exception):
    """The call was not made: too much is queued, or it waited too long for its turn. Nothing came of it."""


class _Call(Generic[_Item, _Result]):
    __slots__ = ("error", "item", "leads", "result", "size", "taken", "woken")

    def __init__(self, item: _Item, size: int) -> None:
        self.item = item
        self.size = size
        # All three change under the grouping's lock.
        self.taken = False
        self.leads = False
        self.error: Exception | None = None
        self.result: _Result | None = None
        # Released when the result is there, or when it is this caller's turn to do the work. A bare lock, because many
        # wait at a time, and an Event makes each of them take two.
        self.woken = threading.Lock()
        self.woken.acquire()


class Grouping(Generic[_Item, _Result]):
    """Makes one call of `run`, for all items queued, at a time. Safe for threads.

    `run` is given `take`, which closes the group and returns its items, the same ones each time, and returns as many
    results, in order. It must come to an end by itself: nobody interrupts it. When it raises one of `shared`, everybody
    in the group gets that error. Any other error is taken for the fault of one item, so each item of the group is tried
    alone, and its neighbours get their results.

    Sizes are in whatever unit the callers give: `most_held` bounds what is queued and under way together,
    `most_at_once` one call of `run`. An item above either is taken when nothing else is there. `patience` is how many
    seconds a call may queue.
    """

    def __init__(
        self,
        run: Callable[[Callable[[], list[_Item]]], list[_Result]],
        *,
        shared: tuple[type[Exception], ...],
        most_held: int,
        most_at_once: int,
        patience: float,
    ) -> None:
        self._run = run
        self._shared = shared
        self._most_held = most_held
        self._most_at_once = most_at_once
        self._patience = patience
        self._lock = threading.Lock()
        self._queue: deque[_Call[_Item, _Result]] = deque()
        self._held = 0
        # Somebody leads, or has been told to. While nobody does, the queue is empty.
        self._busy = False
        # How many calls are done whose callers have not run since.
        self._leaving = 0
        self._all_left = threading.Condition(self._lock)

    @property
    def held(self) -> int:
        """The size of what is queued and under way."""
        return self._held

    def call(self, item: _Item, *, size: int = 1) -> _Result:
        """The result of `run` for `item`. Raises CrowdedError, or what `run` raises."""
        mine: _Call[_Item, _Result] = _Call(item, size)
        with self._lock:
            if self._held and self._held + size > self._most_held:
                raise CrowdedError(f"{self._held} are queued or under way; {self._most_held} may be.")
            self._held += size
            self._queue.append(mine)
            mine.leads = not self._busy
            self._busy = True
        try:
            if not mine.leads:
                self._wait(mine)
            if mine.leads:
                self._lead()
        finally:
            self._leave(mine)
        if mine.error is not None:
            # Its traceback holds the frames of the group and of this call. Whatever still leads from those back to the
            # error would keep all of it, items included, until the garbage collector comes by.
            error, mine.error = mine.error, None
            try:
                raise error
            finally:
                del error
        return cast("_Result", mine.result)

    def make_way(self, *, seconds: float) -> None:
        """Waits until all whose calls are done have gone on, at most so long. For callers-to-be, before they work."""
        if self._leaving > 0:
            with self._all_left:
                self._all_left.wait_for(lambda: self._leaving <= 0, timeout=seconds)

    def _leave(self, mine: _Call[_Item, _Result]) -> None:
        with self._lock:
            if mine.taken:
                self._leaving -= 1
                if not self._leaving:
                    self._all_left.notify_all()

    def _wait(self, mine: _Call[_Item, _Result]) -> None:
        if mine.woken.acquire(timeout=self._patience):
            return
        with self._lock:
            if not mine.taken and not mine.leads:
                self._queue.remove(mine)
                self._held -= mine.size
                raise CrowdedError(f"It was not its turn within {self._patience} s.")
        # It is being done. To leave now would be to not know what came of it.
        mine.woken.acquire()

    def _lead(self) -> None:
        """Does the work of the head of the queue, the caller itself, and of those behind it; then hands over."""
        group: list[_Call[_Item, _Result]] = []

        def take() -> list[_Item]:
            if not group:
                group.extend(self._take())
            return _items_of(group)

        try:
            self._do(group, take)
        finally:
            # Those for whom nothing was done know that by their error.
            take()
            with self._lock:
                self._held -= sum(call.size for call in group)
                self._leaving += len(group)
                successor = self._queue[0] if self._queue else None
                if successor is None:
                    self._busy = False
                else:
                    successor.leads = True
            # First, so that the next work begins while this group's callers go their ways.
            if successor is not None:
                successor.woken.release()
            for call in group:
                # But for the caller itself, who does not wait.
                if not call.leads:
                    call.woken.release()

    def _take(self) -> list[_Call[_Item, _Result]]:
        group: list[_Call[_Item, _Result]] = []
        total = 0
        with self._lock:
            while self._queue and (not group or total + self._queue[0].size <= self._most_at_once):
                call = self._queue.popleft()
                call.taken = True
                # Replaced by what comes of it; stands only where the leading thread is torn down.
                call.error = CrowdedError("The work was broken off.")
                total += call.size
                group.append(call)
        return group

    def _do(self, group: list[_Call[_Item, _Result]], take: Callable[[], list[_Item]]) -> None:
        try:
            results = self._run(take)
        except self._shared as error:
            take()
            for call in group:
                call.error = error
        except Exception as error:  # noqa: BLE001 handed to the caller whose it is
            take()
            if len(group) == 1:
                group[0].error = error
                return
            for call in group:
                self._do([call], partial(_items_of, [call]))
        else:
            for call, result in zip(group, results, strict=True):
                call.error, call.result = None, result


def _items_of(group: list[_Call[_Item, _Result]]) -> list[_Item]:
    return [call.item for call in group]
