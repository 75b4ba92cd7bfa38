"""Reading a request's body: never more of it than allowed, neither on the wire nor inflated."""

import zlib
from typing import Protocol

from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 64 * 1024
# Appended logs have several gzip members; a browser's stream has one. Each costs an inflater, so there is an end to it.
_MAX_MEMBERS = 16


class Readable(Protocol):
    """A WSGI input."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def read(stream: Readable, *, content_length: int | None, limits: Limits) -> bytes:
    """The body of `content_length` bytes, or up to the stream's own end (a chunked body) where that is None.

    Raises Refusal 413 as soon as it is clear that the body is too large, and 408 when it ends early.
    """
    if content_length is not None and content_length > limits.wire_bytes:
        raise _too_large(limits)
    wanted = limits.wire_bytes + 1 if content_length is None else content_length
    chunks: list[bytes] = []
    received = 0
    while received < wanted:
        try:
            chunk = stream.read(min(_CHUNK, wanted - received))
        except (OSError, ParseException) as error:
            # A connection cut in the middle, or broken chunks.
            raise Refusal(
                408, "incomplete", "The body ended early or was not sent as declared. Send it again."
            ) from error
        if not chunk:
            break
        chunks.append(chunk)
        received += len(chunk)
    if received > limits.wire_bytes:
        raise _too_large(limits)
    if content_length is not None and received < content_length:
        raise Refusal(408, "incomplete", f"The body ended after {received} of {content_length} bytes. Send it again.")
    return b"".join(chunks)


def inflate(body: bytes, *, encoding: str, limits: Limits) -> bytes:
    """`body` as JSON text, inflated when it says that it is gzip or looks like it.

    `encoding` is the Content-Encoding header, "" when there is none. Raises Refusal 400, 413 or 415.
    """
    encoding = encoding.strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise Refusal(415, "unsupported_encoding", "Content-Encoding must be gzip or absent.")
    if body.startswith(_GZIP_MAGIC):
        return _gunzip(body, limits)
    if encoding in {"gzip", "x-gzip"}:
        raise Refusal(
            400, "bad_gzip", "Content-Encoding says gzip, but the body is not gzip. Drop the header or compress."
        )
    if len(body) > limits.inflated_bytes:
        raise _too_large_inflated(limits)
    return body


def _gunzip(body: bytes, limits: Limits) -> bytes:
    parts: list[bytes] = []
    total = 0
    rest = body
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(wbits=31)
        try:
            # One byte over the limit tells "too large" from "exactly full". Nothing beyond it is ever inflated.
            part = inflater.decompress(rest, limits.inflated_bytes + 1 - total)
        except zlib.error as error:
            raise Refusal(400, "bad_gzip", "The gzip body is damaged. Nothing was stored.") from error
        total += len(part)
        if total > limits.inflated_bytes:
            raise _too_large_inflated(limits)
        parts.append(part)
        if not inflater.eof:
            raise Refusal(400, "bad_gzip", "The gzip body ends too early. Nothing was stored.")
        rest = inflater.unused_data
        if not rest:
            return b"".join(parts)
        if not rest.startswith(_GZIP_MAGIC):
            raise Refusal(400, "bad_gzip", "The gzip body is followed by other bytes. Send one gzip stream.")
    raise Refusal(400, "bad_gzip", f"The gzip body has more than {_MAX_MEMBERS} members. Send one gzip stream.")


def _too_large(limits: Limits) -> Refusal:
    return Refusal(
        413,
        "too_large",
        f"The body is larger than {limits.wire_bytes} bytes. Split the batch, or compress it with gzip.",
    )


def _too_large_inflated(limits: Limits) -> Refusal:
    return Refusal(413, "too_large", f"The body inflates to more than {limits.inflated_bytes} bytes. Split the batch.")
