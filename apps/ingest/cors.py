"""Letting scripts of other origins send to us and read our answers, refusals included.

No credentials are involved: a key is public, and the endpoint knows no cookies.
"""

from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

_Response = TypeVar("_Response", bound=HttpResponseBase)

# Seconds. Chrome remembers a preflight for 2 h at most, Firefox for 24 h.
_PREFLIGHT_REMEMBERED = 86_400


def preflight() -> HttpResponse:
    """What may be sent. `readable` adds by whom."""
    response = HttpResponse(status=204)
    response["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response["Access-Control-Allow-Headers"] = "Content-Type, Content-Encoding"
    response["Access-Control-Max-Age"] = str(_PREFLIGHT_REMEMBERED)
    return response


def readable(response: _Response, *, origin: str | None) -> _Response:
    """Lets a page of `origin` read `response` and its Retry-After."""
    patch_vary_headers(response, ["Origin"])
    if origin is not None and origin.isascii() and origin.isprintable():
        response["Access-Control-Allow-Origin"] = origin
        response["Access-Control-Expose-Headers"] = "Retry-After"
    return response
