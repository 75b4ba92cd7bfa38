"""How deep JSON goes, and where its texts begin and end, said before parsing it. Nothing here recurses.

All of it works on pieces of 32 KiB, so that a body, however many quotes it has, takes little more memory than itself.
"""

from collections.abc import Iterator

_PIECE = 32 * 1024
# Brackets to parentheses, everything else away.
_TO_PARENTHESES = bytes.maketrans(b"{}[]", b"()()")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")


def deeper_than(body: bytes, limit: int) -> bool:
    """Whether objects and arrays are nested more than `limit` deep, or are never closed. Linear in `body`."""
    brackets = _brackets_of(body)
    # Each pass removes the innermost pairs, so that what is left after `limit` passes was nested deeper. A pass is
    # one linear scan in C.
    for _ in range(limit):
        if not brackets:
            return False
        brackets = brackets.replace(b"()", b"")
    return bool(brackets)


def _brackets_of(body: bytes) -> bytes:
    """The brackets that stand in no string, as parentheses."""
    brackets = bytearray()
    inside = 0
    for _, piece in without_escapes(body):
        # Split at the quotes, every second part is inside a string.
        parts = piece.split(b'"')
        brackets += b"".join(parts[inside::2]).translate(_TO_PARENTHESES, _NOT_BRACKETS)
        inside = (inside + len(parts) + 1) % 2
    return bytes(brackets)


def without_escapes(body: bytes) -> Iterator[tuple[int, bytes]]:
    """`body` in pieces, each with its place, in which a quote is always one that begins or ends a string.

    Escaped backslashes and quotes are blanked, so that all places stay as they are.
    """
    begin = 0
    while begin < len(body):
        piece = body[begin : begin + _PIECE]
        if b"\\" in piece:
            # A piece begins at no escape's second half, so a run of backslashes at its end is cut in two if it is odd.
            if (len(piece) - len(piece.rstrip(b"\\"))) % 2 and len(piece) > 1:
                piece = piece[:-1]
            # First the backslashes, so that in what is left \" is always an escaped quote.
            yield begin, piece.replace(b"\\\\", b"__").replace(b'\\"', b"__")
        else:
            yield begin, piece
        begin += len(piece)
