"""Bodies that are no batch, as they are sent: broken JSON, broken gzip, and both. And gzip that only looks broken."""

import gzip
import json
import struct
import zlib

from tests.ingest.batches import EVERY_TYPE, batch, click, encoded

_GOOD = encoded(batch(*EVERY_TYPE))
_ZIPPED = gzip.compress(_GOOD, mtime=0)


def _nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    return encoded(batch(click(1, new="HERE"))).replace(b'"HERE"', opening * depth + b"1" + closing * depth)


JSON: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" ",
    "NUL": b"\0",
    "a byte order mark": b"\xef\xbb\xbf" + _GOOD,
    "UTF-16": _GOOD.decode().encode("utf-16"),
    "UTF-32": _GOOD.decode().encode("utf-32"),
    "no JSON": b"events=1&v=1",
    "XML": b"<?xml version='1.0'?><events/>",
    "single quotes": _GOOD.replace(b'"', b"'"),
    "a comment": b"/* hello */" + _GOOD,
    "a comma at the end": _GOOD[:-1] + b",}",
    "two commas": _GOOD.replace(b'"events":[', b'"events":[,'),
    "no colon": _GOOD.replace(b'"v":1', b'"v" 1'),
    "two batches": _GOOD + _GOOD,
    "lines of batches": _GOOD + b"\n" + _GOOD,
    "something after it": _GOOD + b"x",
    "a text that is a batch": json.dumps(_GOOD.decode()).encode(),
    "a list of batches": b"[" + _GOOD + b"]",
    "a number": b"1",
    "a number with a zero before it": _GOOD.replace(b'"v":1', b'"v":01'),
    "a number with a plus": _GOOD.replace(b'"v":1', b'"v":+1'),
    "a hexadecimal number": _GOOD.replace(b'"v":1', b'"v":0x1'),
    "NaN": _GOOD.replace(b'"seq":0', b'"seq":NaN'),
    "a key without quotes": _GOOD.replace(b'"v":1', b"v:1"),
    "a key that is a number": _GOOD.replace(b'"v":1', b"1:1"),
    "a key twice": _GOOD.replace(b'"v":1', b'"v":1,"v":1'),
    "events twice": _GOOD[:-1] + b',"events":[]}',
    "an unknown escape": _GOOD.replace(b"/cart", b"\\x41"),
    "half an escape": _GOOD.replace(b"/cart", b"\\u12"),
    "brackets of two kinds": _GOOD.replace(b"]}", b"}]"),
    "deep lists": _nested(50_000, b"[", b"]"),
    "deep objects": _nested(50_000, b'{"a":', b"}"),
    "17 levels": _nested(15, b"[", b"]"),
    **{f"cut after {length} bytes": _GOOD[:length] for length in range(1, len(_GOOD), 97)},
}


def _deflated(level: int) -> bytes:
    deflater = zlib.compressobj(level, zlib.DEFLATED, -15)
    return deflater.compress(_GOOD) + deflater.flush()


def _in_single_bytes() -> bytes:
    """Deflated with a full flush after each byte: empty blocks between all of them."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    parts = [deflater.compress(bytes([byte])) + deflater.flush(zlib.Z_FULL_FLUSH) for byte in _GOOD]
    return b"".join([*parts, deflater.flush()])


def _member(flags: int, fields: bytes, deflated: bytes) -> bytes:
    """A gzip member (RFC 1952) with these optional fields, and their checksum where `flags` has FHCRC."""
    header = b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\xff" + fields
    checksum = struct.pack("<H", zlib.crc32(header) & 0xFFFF) if flags & 2 else b""
    return header + checksum + deflated + struct.pack("<II", zlib.crc32(_GOOD), len(_GOOD))


# Of a good batch, each.
UNUSUAL_GZIP: dict[str, bytes] = {
    "text": _member(1, b"", _deflated(9)),
    "a checksum of the header": _member(2, b"", _deflated(9)),
    "an extra field": _member(4, b"\x03\x00abc", _deflated(9)),
    "a name": _member(8, b"batch.json\0", _deflated(9)),
    "a comment": _member(16, b"hello\0", _deflated(9)),
    "every field": _member(31, b"\x03\x00abcname\0comment\0", _deflated(9)),
    "stored blocks": _member(0, b"", _deflated(0)),
    "empty blocks": _member(0, b"", _in_single_bytes()),
    "15 empty members before": gzip.compress(b"") * 15 + _ZIPPED,
    "15 empty members behind": _ZIPPED + gzip.compress(b"") * 15,
}

GZIP: dict[str, bytes] = {
    "a checksum of the header that is wrong": _ZIPPED[:3] + b"\x02" + _ZIPPED[4:10] + b"\0\0" + _ZIPPED[10:],
    "16 empty members before": gzip.compress(b"") * 16 + _ZIPPED,
    "its magic alone": b"\x1f\x8b",
    "a header alone": _ZIPPED[:10],
    "another method": b"\x1f\x8b\x07" + _ZIPPED[3:],
    "reserved flags": _ZIPPED[:3] + b"\xe0" + _ZIPPED[4:],
    "a name without an end": _ZIPPED[:3] + b"\x08" + _ZIPPED[4:10] + b"n" * 5000,
    "an extra field longer than the body": _ZIPPED[:3] + b"\x04" + _ZIPPED[4:10] + b"\xff\xff" + _ZIPPED[10:],
    "a wrong checksum": _ZIPPED[:-8] + b"\0\0\0\0" + _ZIPPED[-4:],
    "a wrong length": _ZIPPED[:-4] + b"\xff\xff\xff\xff",
    "something after it": _ZIPPED + b"x",
    "zeros after it": _ZIPPED + b"\0" * 512,
    "a second member that is broken": _ZIPPED + _ZIPPED[:20],
    "an invalid block": _ZIPPED[:10] + b"\x07" + _ZIPPED[11:],
    "zlib": zlib.compress(_GOOD),
    "deflate": zlib.compress(_GOOD)[2:-4],
    "bzip2's magic": b"BZh9" + _GOOD,
    **{f"cut after {length} bytes": _ZIPPED[:length] for length in range(3, len(_ZIPPED), 29)},
}
