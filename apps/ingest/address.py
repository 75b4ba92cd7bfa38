"""Which address a request came from, for its rate. Never stored."""

from collections.abc import Mapping
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

# Whoever has an IPv6 address has at least a /64 of them.
_IPV6_PREFIX = 64


def address_of(meta: Mapping[str, Any], *, proxies: int) -> str:
    """The client's address, an IPv6 one shortened to its network.

    `meta` is a WSGI environment. The nearest of our own `proxies` appended what it saw to X-Forwarded-For, the one
    before it appended to that, and so on; what stands further left was sent by the client and may be anything. Without
    that many entries it is the connection's own address.
    """
    entries = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    text = entries[-proxies].strip() if len(entries) >= proxies else ""
    text = text or str(meta.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(text)
    except ValueError:
        # A proxy may append a port or a name: still somebody to count.
        return text[:64]
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or IPv6Network((int(address), _IPV6_PREFIX), strict=False))
    return str(address)
