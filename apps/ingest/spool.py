"""Keeping batches in Postgres while ClickHouse cannot take them, and storing them when it can.

`put` writes a group of batches in one transaction; when it returns they are durable and may be acknowledged. It begins
by updating the one row of `SpoolSize`. That row's lock makes the bound exact, and gives ids in the order of commits, so
that reading by id is reading in order.

`drain` stores the oldest in large inserts, each followed by the deletion of its batches. Killed in between, the next
drain stores them again; copies are read once. `stored_at` is then the moment of draining, so ticks see the events as
newly arrived, which they are.

A batch that ClickHouse refuses while it takes others is found by halving the group. Where its values are why, it is
set aside with the reason, for somebody to look at; where ClickHouse itself may be why, it is passed over until the next
drain. Neither holds up those behind it.
"""

import struct
import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from apps.clickhouse.client import ClickHouseError, QueryFailedError
from apps.events import store
from apps.events.store import EncodedEvents
from apps.ingest import metrics
from apps.ingest.models import SpooledBatch, SpoolSize
from apps.ingest.spooled_columns import DamagedPayloadError, pack, unpack

log = structlog.get_logger(__name__)

# Our advisory locks: "Irk" in ASCII, and a number that no shard has (apps.incidents.schedule counts up from -1).
_LOCK = (0x49726B, -2)
# One insert of a drain. Batches: ids read at a time. Bytes, compressed: some 60 MiB as columns.
_MOST_BATCHES = 2_000
_MOST_EVENTS = 20_000
_MOST_BYTES = 4 * 1024 * 1024
# A drain begins with few events and takes twice as many after a quick insert, half as many after a slow one (seconds).
# An insert that takes longer than client.INSERT_SECONDS counts as failed: on a busy machine, large ones would for ever.
_FIRST_EVENTS = 2_000
_QUICK, _SLOW = 0.5, 1.25
# Batches refused one after the other, and none stored, by which a drain takes ClickHouse for the reason.
_MOST_REFUSED = 3
# ClickHouse's error codes (src/Common/ErrorCodes.cpp) that are about values, not about the server: sending the same
# values again cannot help. All others may pass: a full disk, too many parts, a table that is being changed.
_OF_VALUES = frozenset(
    {
        *(6, 26, 27, 38, 41, 72),  # CANNOT_PARSE_…
        53,  # TYPE_MISMATCH
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        117,  # INCORRECT_DATA
        131,  # TOO_LARGE_STRING_SIZE
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        407,  # DECIMAL_OVERFLOW
        469,  # VIOLATED_CONSTRAINT
        691,  # UNKNOWN_ELEMENT_OF_ENUM
    }
)
# What joining a batch's parts raises where another version made them, for columns of other kinds.
_OF_PARTS = (struct.error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class SpoolFullError(Exception):
    """The spool holds as much as it may, or is off. Nothing was kept."""


def put(batches: Sequence[EncodedEvents]) -> None:
    """Keeps `batches`, all or none; when it returns they are durable.

    Each batch is of one project and not empty. Raises SpoolFullError, DatabaseError.
    """
    if not settings.INGEST_SPOOL_BYTES:
        raise SpoolFullError("The spool is off (INGEST_SPOOL_BYTES is 0).")
    rows = [
        SpooledBatch(project_id=events.project_id, events=events.rows, bytes=len(payload), payload=payload)
        for events in batches
        for payload in [pack(events)]
    ]
    with transaction.atomic(durable=True):
        _reserve(sum(row.bytes for row in rows))
        SpooledBatch.objects.bulk_create(rows)
    metrics.SPOOLED.inc(sum(row.events for row in rows))


def _reserve(added: int) -> None:
    fits = SpoolSize.objects.filter(pk=1, bytes__lte=settings.INGEST_SPOOL_BYTES - added)
    # The row is missing only the first time.
    if fits.update(bytes=F("bytes") + added) == 0:
        SpoolSize.objects.get_or_create(pk=1)
        if fits.update(bytes=F("bytes") + added) == 0:
            raise SpoolFullError(f"The spool holds its {settings.INGEST_SPOOL_BYTES} bytes.")


def drain(*, seconds: float) -> int:
    """Stores waiting batches for about `seconds` and returns the number of events.

    Returns early when nothing waits, when another process drains, and when ClickHouse cannot take them: a later call
    goes on.
    """
    give_up_at = time.monotonic() + seconds
    drain = _Drain()
    try:
        while time.monotonic() < give_up_at and drain.store_some():
            pass
    except ClickHouseError as error:
        log.warning("spool.not_drained", error=str(error))
    if drain.events:
        log.info("spool.drained", events=drain.events)
    return drain.events


@dataclass
class _Drain:
    """One call of `drain`. `events` have been stored so far; `passed_over` names batches that are left for the next."""

    events: int = 0
    passed_over: set[int] = field(default_factory=set)
    # Whether ClickHouse took anything.
    takes: bool = False
    # In one insert.
    most_events: int = field(default_factory=lambda: _FIRST_EVENTS)

    def store_some(self) -> bool:
        """Stores the oldest batches that one insert takes. False where nothing is left, or another process drains.

        Raises ClickHouseError.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _LOCK)
                if cursor.fetchone() != (True,):
                    return False
            batches = list(
                SpooledBatch.objects.waiting().filter(pk__in=_oldest(self.passed_over, most_events=self.most_events))
            )
            stored = self._store(_readable(batches))
            SpooledBatch.objects.filter(pk__in=[batch.pk for batch in stored]).delete()
            if stored:
                # Last, since writers wait for this row.
                SpoolSize.objects.filter(pk=1).update(bytes=F("bytes") - sum(batch.bytes for batch in stored))
        self.events += sum(batch.events for batch in stored)
        return bool(batches)

    def _store(self, batches: Sequence[tuple[SpooledBatch, EncodedEvents]]) -> list[SpooledBatch]:
        """Stores `batches`, without those that are at fault. Returns what was stored. Raises ClickHouseError."""
        stored: list[SpooledBatch] = []
        # Halves before their halves: a few that are refused, wherever they stand, are not met before ClickHouse has
        # taken others, and so not taken for its own fault.
        groups = deque([batches] if batches else [])
        while groups:
            group = groups.popleft()
            begin = time.monotonic()
            try:
                store.append(*(columns for _, columns in group))
            except (QueryFailedError, *_OF_PARTS) as error:
                if len(group) == 1:
                    self._refuse(group[0][0], error)
                else:
                    middle = len(group) // 2
                    groups += [group[:middle], group[middle:]]
            else:
                self.takes = True
                self._adapt(seconds=time.monotonic() - begin)
                stored += [batch for batch, _ in group]
        return stored

    def _adapt(self, *, seconds: float) -> None:
        if seconds < _QUICK:
            self.most_events = min(2 * self.most_events, _MOST_EVENTS)
        elif seconds > _SLOW:
            self.most_events = max(self.most_events // 2, 1)

    def _refuse(self, batch: SpooledBatch, error: Exception) -> None:
        if not isinstance(error, QueryFailedError) or error.code in _OF_VALUES:
            _set_aside(batch, f"The event store cannot take it: {type(error).__name__}: {error}")
            return
        self.passed_over.add(batch.pk)
        log.warning("spool.passed_over", batch=batch.pk, project=batch.project_id, error=str(error))
        if not self.takes and len(self.passed_over) >= _MOST_REFUSED:
            raise error


def _readable(batches: Sequence[SpooledBatch]) -> list[tuple[SpooledBatch, EncodedEvents]]:
    """The batches with their columns; what cannot be read back is set aside."""
    readable = []
    for batch in batches:
        try:
            readable.append((batch, unpack(bytes(batch.payload))))
        except DamagedPayloadError as error:
            _set_aside(batch, str(error))
    return readable


def _set_aside(batch: SpooledBatch, reason: str) -> None:
    log.error("spool.set_aside", batch=batch.pk, project=batch.project_id, error=reason)
    SpooledBatch.objects.filter(pk=batch.pk).update(set_aside=reason)


def _oldest(passed_over: Collection[int], *, most_events: int) -> list[int]:
    """The ids of the oldest batches but `passed_over`, as many as one insert takes, and at least one if any waits."""
    chosen: list[int] = []
    all_events = all_bytes = 0
    waiting = SpooledBatch.objects.waiting().exclude(pk__in=passed_over)
    for pk, events, size in waiting.values_list("pk", "events", "bytes")[:_MOST_BATCHES]:
        all_events += events
        all_bytes += size
        if chosen and (all_events > most_events or all_bytes > _MOST_BYTES):
            break
        chosen.append(pk)
    return chosen


def try_again(batches: QuerySet[SpooledBatch]) -> int:
    """Lets those of `batches` that were set aside wait again, their reason being mended. Returns how many."""
    return batches.exclude(set_aside="").update(set_aside="")


def waiting_since(project_ids: Collection[int]) -> datetime | None:
    """When the oldest event of these projects that waits was acknowledged; None when none waits."""
    batches = SpooledBatch.objects.waiting().filter(project_id__in=project_ids)
    return batches.values_list("spooled_at", flat=True).first()
