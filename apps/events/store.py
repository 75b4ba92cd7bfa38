"""Writing events down.

Storing is an append. The same event may be stored any number of times: sent again after a lost answer, or regrouped
into another batch. Readers count each (project, page, n) once, in the copy stored first, and where copies that differ
were stored in the same millisecond, the least of them: `ORDER BY … FIRST_COPY LIMIT 1 BY project_id, page_id, n`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from apps.clickhouse import client, native
from apps.clickhouse.composing import composed
from apps.clickhouse.inserting import EncodedBlock
from apps.clickhouse.native import ByKey, Kind, Part, Same

_Value = TypeVar("_Value")
Column: TypeAlias = Sequence[_Value] | Same[_Value]

FIRST_COPY: Final = composed(Path(__file__).parent, "first_copy.sql")


@dataclass(frozen=True, slots=True)
class EventColumns:
    """`rows` events of one project, by column, with the names of the table `events`.

    Times are whole ms since 1970. `stored_at` is missing: ClickHouse stamps it, so that one clock orders arrival.
    """

    rows: int
    project_id: Same[int]
    session_id: Column[str]
    page_id: Column[str]
    n: Column[int]
    t: Column[int]
    client_ts: Column[int]
    ts: Column[int]
    flags: Sequence[tuple[str, ...]]
    evaluable: Column[bool]
    type: Column[str]
    route: Column[str]
    environment: Column[str]
    release: Column[str]
    device: Column[str]
    user_id: Column[str]
    element: Column[str]
    element_role: Column[str]
    element_label: Column[str]
    element_kind: Column[str]
    clickable: Column[bool]
    x: Column[int]
    y: Column[int]
    answers: ByKey
    background_rate: Column[float]
    observed_ms: Column[int]
    subtype: Column[str]
    status: Column[int | None]
    duration_ms: Column[int]
    error_group: Column[str]
    message: Column[str]
    form: Column[str]
    facts: Column[str]
    retention_days: Same[int]


# The table's types, in its order.
KINDS: Final[Mapping[str, Kind[Any, Any]]] = {
    "project_id": native.UINT64,
    "session_id": native.STRING,
    "page_id": native.STRING,
    "n": native.UINT32,
    "t": native.UINT32,
    "client_ts": native.MOMENT,
    "ts": native.MOMENT,
    "flags": native.LISTS,
    "evaluable": native.BOOL,
    "type": native.WORDS,
    "route": native.STRING,
    "environment": native.WORDS,
    "release": native.WORDS,
    "device": native.WORDS,
    "user_id": native.STRING,
    "element": native.STRING,
    "element_role": native.WORDS,
    "element_label": native.STRING,
    "element_kind": native.WORDS,
    "clickable": native.BOOL,
    "x": native.INT32,
    "y": native.INT32,
    "answers": native.MAPS,
    "background_rate": native.FLOAT32,
    "observed_ms": native.UINT32,
    "subtype": native.WORDS,
    "status": native.NULLABLE_UINT16,
    "duration_ms": native.UINT32,
    "error_group": native.STRING,
    "message": native.STRING,
    "form": native.STRING,
    "facts": native.STRING,
    "retention_days": native.UINT16,
}
_TYPES: Final = {name: kind.name for name, kind in KINDS.items()}


class EncodedEvents(msgspec.Struct, frozen=True):
    """`rows` events of one project as `encode` made them: the parts by the names of KINDS."""

    project_id: int
    rows: int
    parts: dict[str, Part]


def encode(columns: EventColumns) -> EncodedEvents:
    """`columns` as they are stored. This is most of the work of an insert, and nobody waits for it."""
    rows = columns.rows
    parts = {name: kind.part(getattr(columns, name), rows) for name, kind in KINDS.items()}
    return EncodedEvents(columns.project_id.value, rows, parts)


def append(*batches: EncodedEvents) -> int:
    """Stores the rows of all `batches` in one insert and returns their number. When it returns, they are durable.

    There is at least one row. Raises ClickHouseUnavailableError (stored or not: unknown; storing again is harmless),
    QueryFailedError or TableDiffersError (nothing stored).
    """
    return append_taken(lambda: batches)


def append_taken(take: Callable[[], Sequence[EncodedEvents]]) -> int:
    """Stores what `take` returns, as `append` does. It is called when ClickHouse is ready for the rows."""

    def make() -> EncodedBlock:
        batches = sorted(take(), key=_place)
        columns = [kind.column([batch.parts[name] for batch in batches]) for name, kind in KINDS.items()]
        return EncodedBlock(sum(batch.rows for batch in batches), columns)

    return client.insert_encoded("events", _TYPES, make)


def _place(batch: EncodedEvents) -> tuple[int, Part, Part]:
    """Where a batch belongs by the table's sort key, so that ClickHouse finds the rows sorted.

    Nothing depends on it: it sorts what is not. Texts begin with their length, and most ids are equally long.
    """
    return batch.project_id, batch.parts["session_id"], batch.parts["page_id"]
