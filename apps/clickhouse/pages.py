"""Pages do not wait for a ClickHouse that hangs: one that takes connections and does not even greet.

A query may take long for good reasons, a greeting may not. So a page has less patience for the greeting than a worker,
to whom a server that comes back late is better than none. And once a page has found ClickHouse away, it is away for
the rest of that page, whatever else is asked: nobody waits for it twice.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseBase

# Seconds for the greeting on a new connection. A server that is there takes milliseconds.
GREETING_SECONDS = 2


@dataclass
class Page:
    """A page that is being made. `found_away` is what was said when ClickHouse was asked in vain; empty until then."""

    found_away: str = ""


_page: ContextVar[Page | None] = ContextVar("page", default=None)


def current() -> Page | None:
    """The page that asks; None in workers and commands, and wherever nobody looks at a page."""
    return _page.get()


@contextmanager
def making() -> Iterator[Page]:
    """Whatever is asked within the block is asked for one page."""
    page = Page()
    token = _page.set(page)
    try:
        yield page
    finally:
        _page.reset(token)


class PageMiddleware:
    """Each request makes a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with making():
            return self._get_response(request)
