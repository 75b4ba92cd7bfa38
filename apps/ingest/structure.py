"""How deep JSON goes, said before parsing it. Nothing here recurses."""

# Brackets to parentheses, everything else away.
_TO_PARENTHESES = bytes.maketrans(b"{}[]", b"()()")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")


def deeper_than(body: bytes, limit: int) -> bool:
    """Whether objects and arrays are nested more than `limit` deep, or are never closed. Linear in `body`."""
    brackets = _outside_strings(body).translate(_TO_PARENTHESES, _NOT_BRACKETS)
    # Each pass removes the innermost pairs, so that what is left after `limit` passes was nested deeper. A pass is
    # one linear scan in C.
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"()", b"")
    return bool(brackets)


def _outside_strings(body: bytes) -> bytes:
    if b"\\" in body:
        # First the escaped backslashes, so that in what is left \" is always an escaped quote.
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Split at the quotes, every second part is inside a string.
    return b"".join(body.split(b'"')[::2])
