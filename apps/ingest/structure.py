"""What can be said about JSON before parsing it: how deep it goes and how many keys it has. Nothing here recurses."""

from dataclasses import dataclass

# Brackets to parentheses, everything else away.
_TO_PARENTHESES = bytes.maketrans(b"{}[]", b"()()")
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{}[]")


@dataclass(frozen=True)
class Structure:
    """`outside` is the JSON text without what stands in its strings."""

    outside: bytes

    @property
    def keys(self) -> int:
        """How many keys all objects have together, each as often as it stands there. Right for valid JSON."""
        return self.outside.count(b":")

    def deeper_than(self, limit: int) -> bool:
        """Whether objects and arrays are nested more than `limit` deep, or are never closed."""
        brackets = self.outside.translate(_TO_PARENTHESES, _NOT_BRACKETS)
        # Each pass removes the innermost pairs, so that what is left after `limit` passes was nested deeper. A pass is
        # one linear scan in C.
        for _ in range(limit):
            if not brackets:
                return False
            brackets = brackets.replace(b"()", b"")
        return bool(brackets)


def structure_of(body: bytes) -> Structure:
    """The structure of JSON text. Linear in its length, whatever it holds."""
    if b"\\" in body:
        # First the escaped backslashes, so that in what is left \" is always an escaped quote.
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Split at the quotes, every second part is inside a string.
    return Structure(b"".join(body.split(b'"')[::2]))
