"""`bin/bench ingest --soak MINUTES`: whether the server's memory stays flat under full load."""

from bench.ingest.bodies import bodies
from bench.ingest.contenders import Server
from bench.ingest.load import drive

# Seconds between two looks.
_STEP = 30.0


def run(server: Server, *, minutes: float, connections: int, events: int) -> int:
    """Prints the memory every half minute and what became of it after the first tenth. Returns the exit code."""
    batches = bodies(events=events)
    sizes: list[float] = []
    while len(sizes) * _STEP < minutes * 60:
        load = drive(server.port, server.path, batches, connections=connections, seconds=_STEP)
        sizes.append(server.resident_bytes() / 2**20)
        rate = len(load.latencies) * events / load.seconds
        failed = f"  {sum(load.failures.values())} failed" if load.failures else ""
        print(f"{len(sizes) * _STEP / 60:5.1f} min {rate:9.0f} events/s {sizes[-1]:8.1f} MiB{failed}", flush=True)
    first = sizes[len(sizes) // 10]
    print(f"{sizes[-1] - first:+.1f} MiB since the first tenth, of {first:.1f}; the most were {max(sizes):.1f}.")
    return 0
