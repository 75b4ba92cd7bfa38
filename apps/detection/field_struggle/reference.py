"""`field_struggle` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, names, number
from apps.detection.failing import answered_well, was_refused
from apps.detection.field_struggle.definition import DEFINITION
from apps.detection.interactions import Event, in_session_order, pages_after, tag_of
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The field struggles among one session's `events`, each of which occurs once."""
    return [
        signal_of(
            DEFINITION,
            [visit for i, visit in enumerate(burst) if i == 0 or visit is not burst[i - 1]],
            count=len(burst),
        )
        for visits in _series(events, values)
        for burst in _bursts([visit for visit in visits if visit.edits > 0], values)
    ]


def _series(events: Sequence[Event], values: Mapping[str, Value]) -> list[list[Event]]:
    """The visits to each field, between two that found that what was filled in before was taken."""
    ended: list[list[Event]] = []
    running: dict[tuple[str, str], list[Event]] = {}
    # How often something failed, and each form was accepted (or anything written, for fields without one); and that
    # when each field was visited last.
    failures = 0
    acceptances: dict[str, int] = {}
    known: dict[tuple[str, str], tuple[int, int]] = {}
    after = pages_after(events)
    for event in in_session_order(events):
        if event.type == "field" and event.element and not _acts_at_once(event):
            field = (event.route, event.element)
            accepted = acceptances.get(event.form, 0)
            if field in known:
                has_failed, was_accepted = failures > known[field][0], accepted > known[field][1]
                is_taken = was_accepted and event.form if has_failed else was_accepted or event.subtype == "replace"
                if is_taken:
                    ended.append(running.pop(field))
            running.setdefault(field, []).append(event)
            known[field] = failures, accepted
        elif _is_failed(event, values):
            failures += 1
        elif _is_accepted(event, after.get((event.page_id, event.n)), values):
            form = "" if event.type == "request" else event.form or event.element
            acceptances[form] = acceptances.get(form, 0) + 1
    return ended + list(running.values())


def _is_failed(event: Event, values: Mapping[str, Value]) -> bool:
    return was_refused(event) and (event.type == "submit" or _writes(event, values))


def _writes(event: Event, values: Mapping[str, Value]) -> bool:
    return event.type == "request" and event.subtype not in names(values, "reading_methods")


def _is_accepted(event: Event, page: Event | None, values: Mapping[str, Value]) -> bool:
    """`page`: which followed a submit that the browser sent. One that is refused shows the form anew."""
    if event.type != "submit":
        return _writes(event, values) and answered_well(event)
    if event.subtype == "invalid" or not (event.form or event.element):
        return False
    if event.status is None and page is not None:
        return page.route != event.route and (page.status is None or page.status < 400)
    return answered_well(event)


def _acts_at_once(visit: Event) -> bool:
    """Whether nothing is filled in, as with a select that belongs to no form: each choice is one of its own."""
    return visit.element_kind == "select" and not visit.form


def _bursts(visits: Sequence[Event], values: Mapping[str, Value]) -> list[list[Event]]:
    """The bursts of visits; where there is none, those of emptyings, each of them told as its visit."""
    window_ms, min_clears = number(values, "window_ms"), number(values, "min_clears")
    crowded = bursts(
        [visit for visit in visits if tag_of(visit) in names(values, "line_tags")],
        time_ms=lambda visit: visit.ts_ms,
        at_least=number(values, "min_visits"),
        within_ms=window_ms,
    )
    if crowded:
        return crowded
    clears = [visit for visit in visits if visit.duration_ms <= window_ms for _ in range(min(visit.clears, min_clears))]
    return bursts(clears, time_ms=lambda visit: visit.ts_ms, at_least=min_clears, within_ms=window_ms)
