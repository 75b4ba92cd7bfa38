"""A request that can be made from any headers."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class TolerantRequest(WSGIRequest):
    """Django's request, but query strings and forms are UTF-8 whatever charset is claimed for the body.

    Django decodes the query string by that charset in the constructor, where `base64` or `idna` raise and no middleware
    or view can answer: the server's own 500 would be the answer, and its log would hold the address with the key in it.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (ValueError, LookupError):
            # Far too long, or a parameter in an encoding of its own that nobody knows.
            self.content_type, self.content_params = "", {}
