"""Whether anybody came since an incident's last breach: that nobody came is no sign that it is well again."""

from collections.abc import Iterable, Mapping

from apps.core import clock
from apps.detection.scope import AHEAD_MS
from apps.incidents.models import Incident
from apps.incidents.widening import group_of_row
from apps.thresholds import audiences
from apps.thresholds.audiences import Wanted
from apps.thresholds.exposure import Audience, audience_of
from apps.thresholds.measuring import rule_of
from apps.thresholds.models import ThresholdVersion


class People:
    """Counts of sessions as one tick knows them. One query for all incidents whose time is over, if any waits.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """

    def __init__(self, timed: Iterable[Incident], versions: Mapping[int, ThresholdVersion], *, as_of_ms: int) -> None:
        self._as_of_ms = as_of_ms
        asked = []
        for incident in timed:
            version = versions.get(incident.threshold_id)
            if version is not None and version.minimum_exposure:
                audience = audience_of(rule_of(version), incident.project_id, group_of_row(incident.group))
                asked.append((audience, clock.to_ms(incident.breached_until)))
        self._most = max((version.minimum_exposure for version in versions.values()), default=0)
        self._counts = self._read(asked)

    def since(self, audience: Audience, since_ms: int) -> int:
        """How many of the audience's sessions came from the window end `since_ms` on, as far as is asked for."""
        key = (audience, since_ms)
        if key not in self._counts:
            # An incident of which this very tick found that its breach ended earlier.
            self._counts |= self._read([key])
        return self._counts[key]

    def _read(self, asked: Iterable[tuple[Audience, int]]) -> dict[tuple[Audience, int], int]:
        ticks = first_ticks(asked, until_ms=self._as_of_ms, most=self._most)
        return {key: len(known) for key, known in ticks.items()}


def first_ticks(
    asked: Iterable[tuple[Audience, int]], *, until_ms: int, most: int
) -> dict[tuple[Audience, int], list[int]]:
    """For (audience, since ms) the ticks up to `until_ms` that came to know of a session since then, the first `most`.

    Raises ClickHouseUnavailableError, QueryFailedError.
    """
    # Also sessions whose clock is ahead: they came.
    wanted = {key: Wanted(key[0], [(key[1], until_ms + AHEAD_MS)]) for key in asked}
    return audiences.first_seen(wanted, until_ms=until_ms, most=most)
