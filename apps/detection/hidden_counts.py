"""How much each suppression hid."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from apps.clickhouse import client
from apps.core import clock
from apps.detection.models import Suppression

_SQL = (Path(__file__).parent / "hidden_counts.sql").read_text()
_LIMITS = {"max_execution_time": 5}


@dataclass(frozen=True)
class HiddenCount:
    """Signals, and sessions with one."""

    signals: int = 0
    sessions: int = 0


def hidden_counts(suppressions: Sequence[Suppression]) -> dict[int, HiddenCount]:
    """By suppression id, of the signals that are still kept. One query. Raises ClickHouseError."""
    if not suppressions:
        return {}
    rows = client.query(
        _SQL,
        {
            "projects": sorted({suppression.project_id for suppression in suppressions}),
            "suppressions": sorted(suppression.pk for suppression in suppressions),
            "from_ms": min(clock.to_ms(suppression.created_at) for suppression in suppressions),
        },
        limits=_LIMITS,
    )
    counted = {suppression_id: HiddenCount(signals, sessions) for suppression_id, signals, sessions in rows}
    return {suppression.pk: counted.get(suppression.pk, HiddenCount()) for suppression in suppressions}
