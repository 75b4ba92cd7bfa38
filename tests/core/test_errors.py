"""What leaves for Sentry, read where it arrives: a server of our own in Sentry's place."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
import sentry_sdk
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings

from apps.core import errors

KEY = "irk_pk_abcdefghijklmnopqrstuvwx"


@pytest.fixture
def arrived() -> Iterator[tuple[str, list[str]]]:
    """The DSN of a server that keeps what it is sent, and the list in which it keeps it."""
    bodies: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", bodies
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)
    server.shutdown()
    thread.join()
    server.server_close()


@csrf_exempt
def fail(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


urlpatterns = [path("v1/events", fail)]


@pytest.mark.django_db  # Django looks after its connections before and after every request
@pytest.mark.urls(__name__)
def test_an_unexpected_error_arrives_without_the_key_and_without_the_body(
    arrived: tuple[str, list[str]], settings: Settings
) -> None:
    settings.SENTRY_DSN, bodies = arrived
    errors.start_reporting()
    # Through WSGI, as in production: the test client goes round what sentry-sdk reads the request from.
    body = b'{"secret":"card 4111"}'
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/events",
        "QUERY_STRING": f"k={KEY}",
        "HTTP_HOST": "testserver",
        "HTTP_COOKIE": "theme=chocolate",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    list(WSGIHandler()(environ, lambda *arguments: lambda data: None))
    sentry_sdk.flush(timeout=10)
    everything = "\n".join(bodies)
    assert "ZeroDivisionError" in everything
    assert "http://testserver/v1/events" in everything
    assert "chocolate" not in everything
    assert KEY not in everything
    assert "4111" not in everything


def test_nothing_is_reported_without_a_dsn(settings: Settings) -> None:
    settings.SENTRY_DSN = ""
    errors.start_reporting()
    assert not sentry_sdk.get_client().is_active()
