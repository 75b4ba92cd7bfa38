"""Serves the script-tag build of the SDK at `/sdk/irk.js`, from the product's own address."""

import gzip
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

_BUILD = Path(settings.BASE_DIR) / "static" / "sdk" / "irk.js"


@require_safe
def serve(request: HttpRequest) -> HttpResponse:
    """The built script, compressed for those who take that. 404 with what to do when it has not been built.

    The address carries no version, so that customers never change their pages: an hour in caches, then revalidated,
    which costs an answer without a body while the build is the same. For a day, a cache may use what it has meanwhile.
    """
    try:
        stat = _BUILD.stat()
        build = _read(stat.st_mtime_ns, stat.st_size)
    except FileNotFoundError:
        return HttpResponse(
            "// The SDK has not been built: run `npm ci && npm run build` in frontend-sdk/.\n",
            status=404,
            content_type="text/javascript; charset=utf-8",
        )
    zipped = _takes_gzip(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(build.zipped if zipped else build.script, content_type="text/javascript; charset=utf-8")
    # Django leaves this to a middleware, and the ingest endpoint runs without.
    response["Content-Length"] = str(len(response.content))
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["ETag"] = f'"{build.digest}-gzip"' if zipped else f'"{build.digest}"'
    patch_vary_headers(response, ["Accept-Encoding"])
    patch_cache_control(response, public=True, max_age=3600, stale_while_revalidate=86_400)
    answer = get_conditional_response(request, etag=response["ETag"], response=response) or response
    # After the line above, which keeps only what HTTP itself asks of an answer without a body.
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


class _Build(NamedTuple):
    script: bytes
    zipped: bytes
    digest: str


@lru_cache(maxsize=1)
def _read(mtime_ns: int, size: int) -> _Build:
    """The build, read and compressed once while the file stays as its arguments say. Raises FileNotFoundError."""
    script = _BUILD.read_bytes()
    # The digest is the same on every machine that serves the build; a file's time is not.
    return _Build(script, gzip.compress(script, mtime=0), sha256(script).hexdigest()[:32])


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header names gzip and does not refuse it (`gzip;q=0`)."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";")
        if coding == "gzip":
            return re.fullmatch(r"q=0(\.0*)?", weight) is None
    return False
