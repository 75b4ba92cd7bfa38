"""Bursts: runs of events in which something happened too often within too short a time. Pure."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def bursts(items: Sequence[T], *, time_ms: Callable[[T], int], at_least: int, within_ms: int) -> list[list[T]]:
    """The bursts of `items`, which are ordered by time.

    Every `at_least` consecutive items of which the last comes at most `within_ms` after the first are too many. Such
    windows that share an item belong to one burst; windows that only follow each other are two.
    """
    found: list[tuple[int, int]] = []
    for last in range(at_least - 1, len(items)):
        first = last - (at_least - 1)
        if time_ms(items[last]) - time_ms(items[first]) > within_ms:
            continue
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return [list(items[first : last + 1]) for first, last in found]
