"""Ids that are derived, never drawn: the same facts give the same id on every machine and in every replay."""

from hashlib import blake2b
from uuid import UUID


def derived_id(*parts: str | int) -> UUID:
    """A 128-bit id of `parts`, in order.

    BLAKE2b over each part's length and UTF-8 bytes, so that ("ab", "c") and ("a", "bc") differ, and 1 and "1" differ.
    """
    digest = blake2b(digest_size=16)
    for part in parts:
        data = str(part).encode()
        digest.update(f"{'i' if isinstance(part, int) else 's'}{len(data)}:".encode())
        digest.update(data)
    return UUID(bytes=digest.digest())
