"""Detecting: one tick's new events become signals.

1. Find the sessions of the shard with an event that arrived in the tick. None: done.
2. Read these sessions' events once; write down where the sessions were, and of which releases; then, for each
   definition, one query over the events, whatever the number of projects.
3. Compare with the signals stored for these sessions, and append what is new, changed, retracted or suppressed.

Running a tick again, with the same arguments, writes nothing, or what a run that died midway left out: the events that
it sees do not change (they arrived before `arrived_to_ms`), and what is already written compares as equal.
"""

from apps.detection import store
from apps.detection.catalog import DEFINITIONS
from apps.detection.changes import changes
from apps.detection.hiding import NOTHING_HIDDEN, HidingByProject
from apps.detection.parameters import NO_OVERRIDES, Overrides


def detect(
    *,
    shard: int,
    shards: int,
    arrived_from_ms: int,
    arrived_to_ms: int,
    as_of_ms: int,
    overrides: Overrides = NO_OVERRIDES,
    hidings: HidingByProject = NOTHING_HIDDEN,
) -> int:
    """Brings the signals of one shard up to date with the events stored in [arrived_from_ms, arrived_to_ms).

    A shard is the projects whose id is `shard` modulo `shards`. Times are ms since 1970, UTC. Returns the number of
    rows written; all rows that this tick wrote, in this run or an earlier one, have version = `as_of_ms`. Ticks of one
    shard run one at a time and in order. Raises ClickHouseError, ParameterError.
    """
    scope = store.find_scope(shard=shard, shards=shards, arrived_from_ms=arrived_from_ms, arrived_to_ms=arrived_to_ms)
    if scope is None:
        return 0
    computed = store.compute_signals(DEFINITIONS, scope, overrides=overrides, written_as_of_ms=as_of_ms)
    stored = store.stored_signals(scope, as_of_ms=as_of_ms)
    return store.write_signals(changes(stored=stored, computed=computed, hidings=hidings), as_of_ms=as_of_ms)
