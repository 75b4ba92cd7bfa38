"""Serves the script-tag build of the SDK at `/sdk/irk.js`, from the product's own address."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

_BUILD = Path(settings.BASE_DIR) / "static" / "sdk" / "irk.js"


@require_safe
def serve(request: HttpRequest) -> HttpResponse:
    """The built script. 404 with what to do when it has not been built.

    The address carries no version, so that customers never change their pages: an hour in caches, then revalidated.
    """
    try:
        script = _BUILD.read_bytes()
    except FileNotFoundError:
        return HttpResponse(
            "// The SDK has not been built: run `npm ci && npm run build` in frontend-sdk/.\n",
            status=404,
            content_type="text/javascript; charset=utf-8",
        )
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=3600, stale_while_revalidate=86_400)
    return response
