"""The benchmark's batches are ordinary ones: all of each is taken, by the quick way of decoding."""

import gzip

import pytest

from apps.ingest import decoding, limits
from bench.ingest.bodies import bodies


@pytest.mark.parametrize("events", [1, 10, 50, 500])
def test_every_event_of_the_benchmark_is_taken_the_quick_way(events: int) -> None:
    current = limits.current()
    for body in bodies(events=events)[:20]:
        text = gzip.decompress(body)
        assert len(body) <= current.wire_bytes
        quick = decoding._quickly(text, current)
        assert quick is not None
        assert len(quick.batch.events) == events
