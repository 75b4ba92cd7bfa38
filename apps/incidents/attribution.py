"""With which release a breach began.

A breach begins with a release where all of its signals are of that release, the release was new then, and another was
in use before it. That is when, not why: the sentence on the page says "since", never "because of".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from apps.clickhouse import client
from apps.core import clock
from apps.incidents.recording import Recorded

# A release is new for a day: what a fault in it does to people shows within a day of traffic. One that was out for
# longer without a breach is not what began it.
NEW_MS = 24 * 3_600_000
# How far back from the tick a release is looked for, from the beginning of that day (UTC) on: a breach may have begun
# 7 days ago (late events), and one that nobody used in the week before that counts as new when it comes back.
_LOOK_BACK_MS = 14 * 24 * 3_600_000

_SQL = (Path(__file__).parent / "releases_seen.sql").read_text()


def began_with(release: str, *, began_ms: int, first_seen_ms: Mapping[str, int]) -> bool:
    """Whether a breach of `release` alone began with it. `first_seen_ms`: when each release was first seen. Pure."""
    first_ms = first_seen_ms.get(release)
    if first_ms is None or began_ms - first_ms > NEW_MS:
        return False
    return any(other_ms < first_ms for other, other_ms in first_seen_ms.items() if other != release)


def attribute(recorded: Iterable[Recorded], *, arrived_before_ms: int) -> None:
    """Names the release on the incidents that open or reopen with one: one query where there are any, else none.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    candidates = [each for each in recorded if each.release]
    if not candidates:
        return
    began_ms = {each.incident.pk: clock.to_ms(each.incident.breach_began_at) for each in candidates}
    rows = client.query(
        _SQL,
        {
            "projects": sorted({each.incident.project_id for each in candidates}),
            "from_ms": arrived_before_ms - _LOOK_BACK_MS,
            "arrived_before_ms": arrived_before_ms,
        },
    )
    first_seen_ms: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for project_id, release, first_ms in rows:
        first_seen_ms[project_id][release] = first_ms
    for each in candidates:
        seen = first_seen_ms[each.incident.project_id]
        if began_with(each.release, began_ms=began_ms[each.incident.pk], first_seen_ms=seen):
            each.incident.release = each.release
