"""Answers what comes from inside the cluster before any other middleware sees it.

Probes and scrapers address a machine by its IP and without TLS, so neither ALLOWED_HOSTS nor the redirect to https may
stand in their way; and they should not be counted among people's requests.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from apps.core import health, metrics

_ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": metrics.expose,
}


class ProbeMiddleware:
    """First in MIDDLEWARE: /healthz, /readyz and /metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = _ANSWERS.get(request.path)
        return answer(request) if answer is not None else self._get_response(request)
