"""The ingest endpoint alone, for `gunicorn config.ingest_wsgi`: no admin, no sessions, no middleware but the probes."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.core.wsgi import get_wsgi_application

from apps.core.wsgi_request import TolerantRequest

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

# What the other processes are told (production) has an admin, too.
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.ingest"
_django = get_wsgi_application()
_django.request_class = TolerantRequest

from django.db import close_old_connections, connection  # noqa: E402 Django is set up above

from apps.ingest.views import EventsView  # noqa: E402

_take_events = EventsView.as_view()
_EVENTS = frozenset({"/v1/events", "/v1/events/"})


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """The one address that matters goes straight to its view, everything else through Django.

    For a batch of 50 events, Django's handler, signals, middleware and resolver cost as much as decoding it. The view
    needs none of them: it answers every exception itself, and of what the signals do only the return of a database
    connection remains.
    """
    if environ.get("PATH_INFO") not in _EVENTS:
        return _django(environ, start_response)
    try:
        response = _take_events(TolerantRequest(environ))
    finally:
        # None but for the one request in thousands that looked up a key.
        if connection.connection is not None:
            close_old_connections()
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]
