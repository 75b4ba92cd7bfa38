"""Origins that may use a project's key. This stops the misuse of a copied key; it is no authentication."""

import re

from django.core.exceptions import ValidationError

# scheme://host[:port], the host optionally led by one "*." label.
_PATTERN = re.compile(r"^https?://(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$|^https?://\[[0-9a-f:]+\](:\d{1,5})?$")

# Characters; no origin that people have comes near.
LONGEST = 200
WHAT_TO_LIST = (
    "Origins that may send events, separated by commas: https://shop.example.com, https://*.example.com. "
    "Empty allows every origin."
)


def validate_origin(value: str) -> None:
    """Refuses, with the reason, what is not an origin or a wildcard of subdomains."""
    if len(value) > LONGEST or not _PATTERN.match(value):
        raise ValidationError(
            f"“{value}” is not an origin. Write it as https://shop.example.com, without a path, "
            "or https://*.example.com for every subdomain.",
        )


def is_allowed(origin: str | None, *, allowed: list[str]) -> bool:
    """Whether `origin` (a request's Origin header) may use a key whose project allows `allowed`.

    An empty list allows all. A request without the header comes from a server or from the page's own origin and is
    allowed: the list is about other people's pages.
    """
    if not allowed or origin is None:
        return True
    origin = origin.lower()
    if origin in allowed:
        return True
    scheme, _, host = origin.partition("://")
    return any(
        scheme == wild_scheme and host.endswith(wild_host[1:])
        for wild_scheme, _, wild_host in (entry.partition("://") for entry in allowed)
        if wild_host.startswith("*.")
    )
