"""`form_abandoned` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.definition import Value, names, number
from apps.detection.failing import answered_well
from apps.detection.form_abandoned.definition import DEFINITION
from apps.detection.interactions import Event, by_page_view
from apps.detection.presence import left_for_good
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The abandoned forms among one session's `events`, each of which occurs once."""
    found = []
    for page_view in by_page_view(events).values():
        for form, visits in _visits_since_sent(page_view, values).items():
            fields = {visit.element for visit in visits}
            if len(fields) < number(values, "min_fields") or not _was_left(page_view, visits[-1]):
                continue
            found.append(
                signal_of(
                    DEFINITION,
                    visits,
                    element=form,
                    # The visits carry the fields' names; the form's own is not known.
                    element_label="",
                    count=len(fields),
                    detail=next((visit.element_label for visit in reversed(visits) if visit.element_label), ""),
                )
            )
    return found


def _visits_since_sent(page_view: Sequence[Event], values: Mapping[str, Value]) -> dict[str, list[Event]]:
    """Per form: the visits that edited one of its fields, none of them sent since."""
    open_forms: dict[str, list[Event]] = {}
    for event in page_view:
        if event.type == "field" and event.edits > 0 and event.form:
            open_forms.setdefault(event.form, []).append(event)
        elif event.type == "submit" and event.subtype != "invalid":
            open_forms.pop(event.form or event.element, None)
        elif _sends_all(event, values):
            open_forms.clear()
    return open_forms


def _sends_all(event: Event, values: Mapping[str, Value]) -> bool:
    if event.type == "click":
        return event.element_role in names(values, "sending_roles") and any(
            kind in names(values, "sending_answers") for kind in event.answers
        )
    return event.type == "request" and event.subtype not in names(values, "reading_methods") and answered_well(event)


def _was_left(page_view: Sequence[Event], last_visit: Event) -> bool:
    if left_for_good(page_view):
        return True
    shown = [event for event in page_view if event.type == "page"]
    place = (last_visit.t, last_visit.n)
    return bool(shown) and (shown[-1].t, shown[-1].n) > place and shown[-1].route != last_visit.route
