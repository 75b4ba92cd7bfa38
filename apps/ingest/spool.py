"""Keeping batches in Postgres while ClickHouse cannot take them, and storing them when it can.

`put` writes a group of batches in one transaction; when it returns they are durable and may be acknowledged. It begins
by updating the one row of `SpoolSize`. That row's lock makes the bound exact, and gives ids in the order of commits, so
that reading by id is reading in order.

`drain` stores the oldest in large inserts, each followed by the deletion of its batches. Killed in between, the next
drain stores them again; copies are read once. `stored_at` is then the moment of draining, so ticks see the events as
newly arrived, which they are.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from apps.clickhouse.client import ClickHouseError
from apps.events import store
from apps.events.store import EncodedEvents
from apps.ingest import metrics
from apps.ingest.models import SpooledBatch, SpoolSize
from apps.ingest.spooled_columns import DamagedPayloadError, pack, unpack

log = structlog.get_logger(__name__)

# Our advisory locks: "Irk" in ASCII, and a number that no shard has (apps.incidents.schedule counts up from -1).
_LOCK = (0x49726B, -2)
# One insert of a drain. Batches: ids read at a time. Events: half a second of work, far below the insert's time limit
# on a slow machine too. Bytes, compressed: some 60 MiB as columns.
_MOST_BATCHES = 2_000
_MOST_EVENTS = 20_000
_MOST_BYTES = 4 * 1024 * 1024


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
    events = 0
    try:
        while time.monotonic() < give_up_at and (stored := _drain_some()):
            events += stored
    except ClickHouseError as error:
        log.warning("spool.not_drained", error=str(error))
    if events:
        log.info("spool.drained", events=events)
    return events


@transaction.atomic
def _drain_some() -> int:
    """Stores the oldest batches that one insert takes. Returns how many events were stored or set aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", _LOCK)
        if cursor.fetchone() != (True,):
            return 0
    batches = list(SpooledBatch.objects.waiting().filter(pk__in=_oldest()))
    readable: list[EncodedEvents] = []
    stored: list[SpooledBatch] = []
    for batch in batches:
        try:
            readable.append(unpack(bytes(batch.payload)))
            stored.append(batch)
        except DamagedPayloadError as error:
            log.error("spool.set_aside", batch=batch.pk, project=batch.project_id, error=str(error))  # noqa: TRY400 no fault of this code
            SpooledBatch.objects.filter(pk=batch.pk).update(set_aside=str(error))
    if readable:
        store.append(*readable)
        SpooledBatch.objects.filter(pk__in=[batch.pk for batch in stored]).delete()
        # Last, since writers wait for this row.
        SpoolSize.objects.filter(pk=1).update(bytes=F("bytes") - sum(batch.bytes for batch in stored))
    return sum(batch.events for batch in batches)


def _oldest() -> list[int]:
    """The ids of the oldest batches, as many as one insert takes, and at least one if any waits."""
    chosen: list[int] = []
    all_events = all_bytes = 0
    for pk, events, size in SpooledBatch.objects.waiting().values_list("pk", "events", "bytes")[:_MOST_BATCHES]:
        all_events += events
        all_bytes += size
        if chosen and (all_events > _MOST_EVENTS or all_bytes > _MOST_BYTES):
            break
        chosen.append(pk)
    return chosen


def waiting_since(project_ids: Collection[int]) -> datetime | None:
    """When the oldest event of these projects that waits was acknowledged; None when none waits."""
    batches = SpooledBatch.objects.waiting().filter(project_id__in=project_ids)
    return batches.values_list("spooled_at", flat=True).first()
