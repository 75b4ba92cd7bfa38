"""The limit: inflate, decode, columns and insert in one Python process, without a server, a key or a rate.

Prints events per second, CPU seconds per event and rows per insert as one JSON line.
Arguments: events in a batch, batches in an insert, seconds.
"""

import json
import sys
import time

import django

django.setup()

from apps.events import store  # noqa: E402 settings first
from apps.ingest import body, decoding, limits  # noqa: E402
from apps.ingest.rows import columns_of  # noqa: E402
from bench.ingest.bodies import bodies  # noqa: E402


def main() -> None:
    """Runs the loop for as long as asked."""
    events, together, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    batches, current = bodies(events=events), limits.current()
    stored = inserts = number = 0
    begin = cpu = 0.0
    # The first inserts connect and warm up.
    while inserts < 3 or time.perf_counter() < begin + seconds:
        if inserts == 2:
            begin, cpu, stored = time.perf_counter(), time.process_time(), 0
        encoded = []
        for _ in range(together):
            text = body.inflate(batches[number % len(batches)], encoding="", limits=current)
            decoded = decoding.decode(text, current)
            now = time.time_ns() // 1_000_000
            encoded.append(store.encode(columns_of(decoded, project_id=1, retention_days=90, received=now)))
            number += 7
        stored += store.append(*encoded)
        inserts += 1
    took = time.perf_counter() - begin
    figures = {"rate": stored / took, "cpu": (time.process_time() - cpu) / stored, "rows": events * together}
    print(json.dumps(figures))


main()
