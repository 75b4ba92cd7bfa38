"""A body is never read or inflated beyond its limits."""

import gzip
import io
import tracemalloc
import zlib

import pytest

from apps.ingest import body
from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal

LIMITS = Limits(wire_bytes=1000, inflated_bytes=4000, events=500, event_bytes=1000)


class Counting(io.BytesIO):
    """A WSGI input that knows how much was taken from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def refusal_of(data: bytes, *, encoding: str = "") -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        body.inflate(data, encoding=encoding, limits=LIMITS)
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_of_exactly_the_limit_is_read(declared: bool) -> None:
    stream = io.BytesIO(b"x" * 1000)
    assert body.read(stream, content_length=1000 if declared else None, limits=LIMITS) == b"x" * 1000


def test_a_declared_length_over_the_limit_is_refused_before_reading() -> None:
    stream = Counting(b"x" * 1001)
    with pytest.raises(Refusal, match="larger than 1000 bytes"):
        body.read(stream, content_length=1001, limits=LIMITS)
    assert stream.taken == 0


def test_an_endless_body_is_refused_one_byte_after_the_limit() -> None:
    stream = Counting(b"x" * 100_000)
    with pytest.raises(Refusal) as caught:
        body.read(stream, content_length=None, limits=LIMITS)
    assert (caught.value.status, stream.taken) == (413, 1001)


def test_a_body_that_ends_before_its_declared_length_is_refused() -> None:
    with pytest.raises(Refusal, match="ended after 3 of 10"):
        body.read(io.BytesIO(b"abc"), content_length=10, limits=LIMITS)


def test_no_more_is_taken_than_was_declared() -> None:
    assert body.read(io.BytesIO(b"abcdef"), content_length=3, limits=LIMITS) == b"abc"


@pytest.mark.parametrize("encoding", ["", "gzip", "GZIP ", "x-gzip"])
def test_gzip_is_inflated_up_to_exactly_the_limit(encoding: str) -> None:
    assert body.inflate(gzip.compress(b"x" * 4000), encoding=encoding, limits=LIMITS) == b"x" * 4000
    assert refusal_of(gzip.compress(b"x" * 4001), encoding=encoding) == (413, "too_large")


def test_the_limit_counts_all_members_together() -> None:
    assert body.inflate(gzip.compress(b"x" * 2000) * 2, encoding="", limits=LIMITS) == b"x" * 4000
    assert refusal_of(gzip.compress(b"x" * 2000) * 2 + gzip.compress(b"x")) == (413, "too_large")


def test_a_bomb_is_never_inflated() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, compresslevel=9)
    tracemalloc.start()
    try:
        assert refusal_of(bomb) == (413, "too_large")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000


def test_a_thousand_empty_members_are_refused() -> None:
    assert refusal_of(gzip.compress(b"") * 1000) == (400, "bad_gzip")


@pytest.mark.parametrize("length", range(1, 40))
def test_a_truncated_stream_is_refused(length: int) -> None:
    whole = gzip.compress(b'{"v":1,"events":[]}' * 3)
    assert refusal_of(whole[:-length], encoding="gzip")[0] == 400


@pytest.mark.parametrize("place", range(2, 29))
def test_no_flipped_byte_raises_anything_but_a_refusal(place: int) -> None:
    damaged = bytearray(gzip.compress(b"events" * 10))
    damaged[place] ^= 0xFF
    try:
        body.inflate(bytes(damaged), encoding="gzip", limits=LIMITS)
    except Refusal as refusal:
        assert refusal.code == "bad_gzip"  # noqa: PT017 some bytes of the header carry no meaning


@pytest.mark.parametrize(
    "data",
    [b"\x1f\x8b", gzip.compress(b"{}") + b"rest", gzip.compress(b"{}") + b"\0" * 10, b"{}", zlib.compress(b"{}")],
)
def test_what_is_not_one_gzip_stream_is_refused(data: bytes) -> None:
    assert refusal_of(data, encoding="gzip") == (400, "bad_gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "utf-8"])
def test_another_encoding_is_refused(encoding: str) -> None:
    assert refusal_of(b"{}", encoding=encoding) == (415, "unsupported_encoding")


def test_plain_text_passes_up_to_the_inflated_limit() -> None:
    assert body.inflate(b"x" * 4000, encoding="identity", limits=LIMITS) == b"x" * 4000
    assert refusal_of(b"x" * 4001) == (413, "too_large")
