"""What a replay led to: the incidents that opened, when each was committed, and whether all have been decided."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from apps.clickhouse import client
from apps.core import clock
from apps.incidents.models import EvaluatedShard, Incident
from apps.projects.models import Project

# Every kind of frustration that the shop's bugs cause, in words for a message.
EXPECTED_KINDS = {
    "rage_click": "rage clicks on “Pay now”",
    "dead_click": "dead clicks on “Pay now”",
    "error_click": "clicks on “Search” that end in an error",
    "form_retry": "a coupon form that keeps failing",
}
# Different kinds without which a replay has failed.
FEWEST_KINDS = 3

# The last click that mattered to an incident: the end of the signal by which its bound was reached, of the signals that
# the opening tick saw in the incident's group. The demo's thresholds count sessions, so it is the first signal of the
# n-th session. Sort key: one project's rows are one range of (project_id, ts, signal_id).
_LAST_CLICK_THAT_MATTERED = """
SELECT toUnixTimestamp64Milli(min(moment)) AS reached FROM (
    SELECT argMax(ended_at, version) AS moment, argMax(retracted, version) AS gone, any(session_id) AS session
    FROM signals
    WHERE project_id = %(project)s AND version <= %(as_of_ms)s AND kind IN %(kinds)s
      AND (%(route)s = '' OR route = %(route)s) AND (%(element)s = '' OR element = %(element)s)
    GROUP BY signal_id
)
WHERE NOT gone
GROUP BY session
ORDER BY reached
LIMIT 1 OFFSET %(others)s
"""
_LAST_STORED = """
SELECT toUnixTimestamp64Milli(max(stored_at)) FROM events WHERE project_id = %(project)s HAVING count() > 0
"""


class NoSignalError(Exception):
    """An incident stands on no signal, which must never be."""


@dataclass(frozen=True)
class Opened:
    """An incident of this run. `seen_ms` is when it was first read, at most one poll after its commit."""

    id: UUID
    kinds: tuple[str, ...]
    sentence: str
    seen_ms: int

    @property
    def path(self) -> str:
        """Its page in the admin."""
        return reverse("admin:incidents_incident_change", args=[self.id])


@dataclass
class Outcome:
    """The incidents of `project`, watched while they open. The project must be new: whatever is there counts."""

    project: Project
    opened: dict[UUID, Opened] = field(default_factory=dict)

    def look(self) -> list[Opened]:
        """The incidents that opened since the last look; sentences of earlier ones are brought up to date."""
        new: list[Opened] = []
        now_ms = clock.to_ms(clock.now())
        incidents = Incident.objects.filter(project=self.project).select_related("version")
        for incident in incidents.order_by("opened_at", "id"):
            known = self.opened.get(incident.id)
            opened = Opened(
                id=incident.id,
                kinds=tuple(incident.version.signals),
                sentence=incident.sentence,
                seen_ms=known.seen_ms if known else now_ms,
            )
            self.opened[incident.id] = opened
            if known is None:
                new.append(opened)
        return new

    def missing_kinds(self) -> list[str]:
        """The expected kinds, in words, of which no incident opened."""
        present = {kind for opened in self.opened.values() for kind in opened.kinds}
        return [words for kind, words in EXPECTED_KINDS.items() if kind not in present]

    def enough(self) -> bool:
        """Whether incidents of at least FEWEST_KINDS different kinds opened."""
        return len(EXPECTED_KINDS) - len(self.missing_kinds()) >= FEWEST_KINDS

    def is_settled(self) -> bool:
        """Whether two ticks have seen every event that is stored. Raises what apps.clickhouse.client.query raises.

        The first of them decides; the second would show an incident that another part was late to record.
        """
        stored = client.query(_LAST_STORED, {"project": self.project.pk})
        shard = EvaluatedShard.objects.filter(
            shard=self.project.pk % settings.EVALUATION_SHARDS, shards=settings.EVALUATION_SHARDS
        ).first()
        if not stored or shard is None:
            return False
        seen_before = shard.last_as_of - timedelta(seconds=settings.SETTLE_SECONDS + settings.TICK_SECONDS)
        return int(stored[0][0]) < clock.to_ms(seen_before)

    def first_incident_seconds(self) -> float | None:
        """Seconds from the last click that mattered to the first committed incident; None where nothing opened."""
        if not self.opened:
            return None
        first_ms = min(opened.seen_ms for opened in self.opened.values())
        # One tick opens several at once; the slowest of them is the honest figure.
        return max(self._seconds(opened) for opened in self.opened.values() if opened.seen_ms == first_ms)

    def _seconds(self, opened: Opened) -> float:
        incident = Incident.objects.select_related("version").get(pk=opened.id)
        rows = client.query(
            _LAST_CLICK_THAT_MATTERED,
            {
                "project": self.project.pk,
                "as_of_ms": clock.to_ms(incident.opened_at),
                "kinds": opened.kinds,
                "route": incident.group.get("route", ""),
                "element": incident.group.get("element", ""),
                "others": incident.version.at_least - 1,
            },
        )
        if not rows:
            raise NoSignalError(f"No signal of the opening tick is left for the incident {opened.id}.")
        return (opened.seen_ms - int(rows[0][0])) / 1000
