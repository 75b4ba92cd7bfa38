"""When a fault strikes: in the middle of a tick, of a drain, or of the load."""

import signal
import time

import psycopg

from bench.faults import processes
from bench.faults.installation import Installation
from bench.faults.matrix import Scenario
from bench.faults.reading import Reading

# The product's advisory locks: "Irk" in ASCII; the first shard's tick, and the drain's -2 as Postgres shows it.
_LOCK_CLASS = 0x49726B
_TICK, _DRAIN = 0, 2**32 - 2
_HELD = """
SELECT 1 FROM pg_locks
WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND mode = 'ExclusiveLock' AND granted
"""
# Seconds: longer than from one tick or drain to the next.
_PATIENCE = 16.0
# Seconds of load before a tick is worth disturbing: it sees what was stored 3 s before it.
_LOADED = 3.5


def wait_for(installation: Installation, reading: Reading, scenario: Scenario) -> bool:
    """Returns when the scenario's moment has come, the load having begun just now. False: it did not come."""
    match scenario.moment:
        case "load":
            time.sleep(scenario.at)
            return True
        case "tick":
            time.sleep(_LOADED)
            return _wait_for_lock(reading, _TICK)
        case "drain":
            time.sleep(0.5)
            return _fill_spool(installation, reading) and _wait_for_lock(reading, _DRAIN)
        case "idle":
            return True


def _fill_spool(installation: Installation, reading: Reading) -> bool:
    """Stops ClickHouse until something waits in the spool."""
    hit = processes.tree(installation.children["clickhouse"].pid)
    processes.send(hit, signal.SIGSTOP)
    deadline = time.monotonic() + _PATIENCE
    try:
        while not (filled := reading.spooled_batches() > 0) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        processes.send(hit, signal.SIGCONT)
    return filled


def _wait_for_lock(reading: Reading, lock: int) -> bool:
    """Returns as soon as somebody holds the lock. It may be held for some milliseconds only."""
    deadline = time.monotonic() + _PATIENCE
    with psycopg.connect(reading.database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            if connection.execute(_HELD, [_LOCK_CLASS, lock]).fetchone():
                return True
            time.sleep(0.003)
    return False
