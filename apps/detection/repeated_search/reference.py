"""`repeated_search` over one session, in plain Python: what query.sql must agree with. Pure."""

import re
from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, names, number
from apps.detection.interactions import Event, in_session_order, tag_of
from apps.detection.repeated_search.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The repeated searches among one session's `events`, each of which occurs once."""
    told = in_session_order(
        event for event in events if _is_visit(event) or _is_submit(event) or _may_open(event, values)
    )
    return [
        signal_of(DEFINITION, burst, element=form)
        for form, steps in _steps_by_form(told, values).items()
        for run in _runs_without_result(_queries(told, steps), told, values)
        for burst in bursts(
            [told[query] for query in run],
            time_ms=lambda query: query.ts_ms,
            at_least=number(values, "min_queries"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _is_visit(event: Event) -> bool:
    return event.type == "field" and event.edits > 0


def _is_submit(event: Event) -> bool:
    return event.type == "submit" and event.subtype != "invalid"


def _may_open(event: Event, values: Mapping[str, Value]) -> bool:
    return event.type == "click" and (
        event.element_kind in names(values, "result_kinds")
        or any(kind in names(values, "result_answers") for kind in event.answers)
        or _asks_by_a_row(event, values)
    )


def _asks_by_a_row(click: Event, values: Mapping[str, Value]) -> bool:
    """Whether a row was clicked that shows a panel. What is a button, a link or a choice has a role of its own."""
    return (
        click.clickable
        and not click.element_kind
        and "req" in click.answers
        and (click.element_role or tag_of(click)) in names(values, "row_names")
    )


def _steps_by_form(told: Sequence[Event], values: Mapping[str, Value]) -> dict[str, list[int]]:
    """Per form that searches: the places of its visits and submits among the session's."""
    steps: dict[str, list[int]] = {}
    for place, event in enumerate(told):
        form = event.form or event.element
        if form and event.type != "click":
            steps.setdefault(form, []).append(place)
    return {form: places for form, places in steps.items() if any(_searches(told[place], values) for place in places)}


def _searches(event: Event, values: Mapping[str, Value]) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Za-z0-9]+", f"{event.form} {event.element}")}
    return event.element_role in names(values, "search_roles") or not words.isdisjoint(names(values, "search_names"))


def _queries(told: Sequence[Event], steps: Sequence[int]) -> list[int]:
    """Those of a form's steps that ask for something else than the one before: visits, where it is never sent."""
    if not any(_is_submit(told[place]) for place in steps):
        return list(steps)
    queries = []
    visit: Event | None = None
    submit: Event | None = None
    for place in steps:
        event = told[place]
        if _is_visit(event):
            visit = event
            continue
        edited_since = (
            visit is not None
            and submit is not None
            and visit.page_id == event.page_id
            and visit.ts_ms + visit.duration_ms > submit.ts_ms
        )
        if submit is None or edited_since:
            queries.append(place)
        submit = event
    return queries


def _runs_without_result(queries: Sequence[int], told: Sequence[Event], values: Mapping[str, Value]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for query, following in zip(queries, [*queries[1:], len(told)], strict=False):
        if _leads_to_a_result(query, following, told, values):
            runs.append([])
        else:
            runs[-1].append(query)
    return runs


def _leads_to_a_result(query: int, following: int, told: Sequence[Event], values: Mapping[str, Value]) -> bool:
    """`following`: the place of the next query, or how many events there are."""
    if following < len(told) and told[following].type == "field" and told[following].subtype == "replace":
        return True
    clicks = (place for place in range(query + 1, following) if _opens_a_result(place, told, values))
    click = next(clicks, None)
    return click is not None and told[click].ts_ms - told[query].ts_ms <= number(values, "window_ms")


def _opens_a_result(place: int, told: Sequence[Event], values: Mapping[str, Value]) -> bool:
    click = told[place]
    if click.type != "click":
        return False
    if place + 1 == len(told):
        return True
    after = told[place + 1]
    return not (
        after.type == "submit"
        and after.page_id == click.page_id
        and after.ts_ms - click.ts_ms <= number(values, "press_ms")
    )
