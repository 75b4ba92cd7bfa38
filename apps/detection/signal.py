"""A signal: one moment of frustration, derived from events. Pure: no Django, no driver, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.core.ids import derived_id
from apps.detection.definition import Definition
from apps.detection.interactions import Event

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One row of the table `signals`, without its version.

    `ts_ms` and `ended_ms` (ms since 1970, UTC) are those of the first and the last event; `page_id`, `n`, `user_id`,
    `route`, `element`, `environment`, `release`, `device` and `retention_days` are the first event's; `element_label`
    is the latest that is not empty. `events` names what it was made from, as (page view, n), in order.
    """

    project_id: int
    kind: str
    definition_version: int
    session_id: str
    page_id: str
    n: int
    ts_ms: int
    ended_ms: int
    user_id: str
    route: str
    element: str
    element_label: str
    environment: str
    release: str
    device: str
    count: int
    detail: str
    events: tuple[tuple[str, int], ...]
    retention_days: int

    @property
    def signal_id(self) -> UUID:
        """Derived from the first event, so that a burst stays one signal while it grows, or when it is found again.

        The definition's version is not in it: a changed rule gives the same moment the same id.
        """
        return derived_id(self.project_id, self.session_id, self.kind, self.page_id, self.n)


def kept_until_ms(ts_ms: int, retention_days: int) -> int:
    """From when on, ms, a signal of that time is past its retention and counts no more."""
    return ts_ms + retention_days * _DAY_MS


def signal_of(
    definition: Definition,
    events: Sequence[Event],
    *,
    element: str | None = None,
    element_label: str | None = None,
    count: int | None = None,
    detail: str = "",
) -> Signal:
    """The signal that `events` (at least one, in order) make.

    Where not told otherwise, `element` is the first event's, `element_label` the events' latest, `count` their number.
    """
    first = events[0]
    if element_label is None:
        element_label = next((event.element_label for event in reversed(events) if event.element_label), "")
    return Signal(
        project_id=first.project_id,
        kind=definition.name,
        definition_version=definition.version,
        session_id=first.session_id,
        page_id=first.page_id,
        n=first.n,
        ts_ms=first.ts_ms,
        ended_ms=events[-1].ts_ms,
        user_id=first.user_id,
        route=first.route,
        element=first.element if element is None else element,
        element_label=element_label,
        environment=first.environment,
        release=first.release,
        device=first.device,
        count=len(events) if count is None else count,
        detail=detail,
        events=tuple((event.page_id, event.n) for event in events),
        retention_days=first.retention_days,
    )
