"""Which tick comes next, and who may run it.

Ticks of one shard run one at a time and in order. A tick is one Postgres transaction that holds an advisory lock:
whoever does not get it leaves the tick to the one who has it; when a process dies, the lock goes with its transaction.

**Changing the number of shards.** A project's shard is its id modulo the number of shards, so a new number means new
owners for half-done work. It is taken over only at a common tick: the old shards are first brought up to the furthest
of them, by the old number; then their rows are replaced by the new ones, all at that tick, in one transaction.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min, Q

from apps.clickhouse import client
from apps.core import clock
from apps.incidents.models import EvaluatedShard, ForeseenBreach, Incident
from apps.projects.shards import of_shard
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.windows import GRID_MS, cell_after, cell_of

_FOLDER = Path(__file__).parent
_FIRST_ARRIVAL_SQL = (_FOLDER / "first_arrival.sql").read_text()
_FIRST_AHEAD_SQL = (_FOLDER / "first_ahead.sql").read_text()
# Names our advisory locks among all of the database's: "Irk" in ASCII.
_LOCK_CLASS = 0x49726B
# The layout's own lock: every tick shares it, replacing the layout takes it alone. No shard has this number.
_LAYOUT = -1
SETTLE_MS = settings.SETTLE_SECONDS * 1000
# 1970 for "from the beginning of time".
_BEGINNING_MS = 0


class LayoutChangedError(Exception):
    """The stored shards are laid out by another number. `stored` is that number."""

    def __init__(self, stored: int) -> None:
        super().__init__(f"The shards are laid out as {stored}.")
        self.stored = stored


def database_now_ms() -> int:
    """ClickHouse's clock in ms since 1970: the one that stamps `stored_at`, so the one that says what is due."""
    return int(client.query("SELECT toUnixTimestamp64Milli(now64(3, 'UTC'))")[0][0])


def last_tick(project_id: int) -> datetime | None:
    """The last tick that looked at a project; None before the first."""
    shard = EvaluatedShard.objects.filter(shard=project_id % settings.EVALUATION_SHARDS).first()
    return shard.last_as_of if shard else None


def claim(shard: int, shards: int, *, due_ms: int) -> EvaluatedShard | None:
    """How far the shard is, claimed until the transaction ends; None where another process has it.

    A shard that was never evaluated begins with the tick that sees its first stored event. Raises LayoutChangedError.
    """
    if not _try_lock(_LAYOUT, shared=True) or not _try_lock(shard):
        return None
    stored = EvaluatedShard.objects.exclude(shards=shards).first()
    if stored:
        raise LayoutChangedError(stored.shards)
    progress = EvaluatedShard.objects.filter(shard=shard).first()
    if progress is None:
        first_ms = _first(_FIRST_ARRIVAL_SQL, shard, shards, _BEGINNING_MS, due_ms)
        begin_ms = due_ms - GRID_MS if first_ms is None else cell_of(first_ms + SETTLE_MS)
        last_as_of = clock.from_ms(min(begin_ms, due_ms - GRID_MS))
        progress = EvaluatedShard(shard=shard, shards=shards, last_as_of=last_as_of)
    return progress


def next_tick_ms(progress: EvaluatedShard, *, due_ms: int) -> int:
    """The next tick at which anything can happen, at most `due_ms`.

    Ticks between which no event arrived, no signal's time came, no rule changed, no breach was foreseen and no
    incident's time ran out change nothing, so they are passed over: catching up an hour without traffic is one step.
    The tick that follows is the very same one that a live shard would have run.
    """
    last_ms = clock.to_ms(progress.last_as_of)
    if due_ms - last_ms <= GRID_MS:
        return due_ms
    shard, shards = progress.shard, progress.shards
    arrival_ms = _first(_FIRST_ARRIVAL_SQL, shard, shards, last_ms - SETTLE_MS, due_ms - SETTLE_MS)
    ahead_ms = _first(_FIRST_AHEAD_SQL, shard, shards, last_ms, due_ms)
    versions = ThresholdVersion.objects.of_shard(shard, shards).saved_in(progress.last_as_of, clock.from_ms(due_ms))
    saved = versions.aggregate(first=Min("created_at"))["first"]
    timers = Incident.objects.filter(of_shard(shard, shards)).with_next_change(progress.last_as_of)
    # One whose time ran out before waits for people to come, and they come with an event.
    waiting = Q(waits_for__gt=0, changes_at__lte=progress.last_as_of)
    change = timers.exclude(waiting).aggregate(first=Min("changes_at"))["first"]
    look = ForeseenBreach.objects.filter(of_shard(shard, shards)).aggregate(first=Min("due_at"))["first"]
    candidates = [
        # Half-open: what was stored at as_of - settle is the next tick's.
        cell_of(arrival_ms + SETTLE_MS) + GRID_MS if arrival_ms is not None else None,
        cell_of(ahead_ms) + GRID_MS if ahead_ms is not None else None,
        cell_after(clock.to_ms(saved)) if saved else None,
        cell_after(clock.to_ms(change)) if change else None,
        clock.to_ms(look) if look else None,
    ]
    earliest = min((candidate for candidate in candidates if candidate is not None), default=due_ms)
    return min(max(earliest, last_ms + GRID_MS), due_ms)


def replace_layout(old: int, new: int) -> bool:
    """Replaces the rows of `old` shards by `new` ones.

    False where that cannot be now: a tick is running, or the old shards are not at one common tick.
    """
    with transaction.atomic():
        if not _try_lock(_LAYOUT):
            return False
        rows = list(EvaluatedShard.objects.filter(shards=old))
        reached = {row.last_as_of for row in rows}
        if len(rows) != old or len(reached) != 1:
            return False
        last_as_of = reached.pop()
        EvaluatedShard.objects.all().delete()
        EvaluatedShard.objects.bulk_create(
            [EvaluatedShard(shard=shard, shards=new, last_as_of=last_as_of) for shard in range(new)]
        )
        return True


def furthest_ms() -> int:
    """The last tick of the shard that is furthest. Rows must exist."""
    return max(clock.to_ms(last_as_of) for last_as_of in EvaluatedShard.objects.values_list("last_as_of", flat=True))


def _first(sql: str, shard: int, shards: int, from_ms: int, to_ms: int) -> int | None:
    params = {"shard": shard, "shards": shards, "from_ms": from_ms, "to_ms": to_ms}
    [(first_ms, count)] = client.query(sql, params)
    return int(first_ms) if count else None


def _try_lock(number: int, *, shared: bool = False) -> bool:
    function = "pg_try_advisory_xact_lock_shared" if shared else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [_LOCK_CLASS, number])
        [got] = cursor.fetchone()
    return bool(got)
