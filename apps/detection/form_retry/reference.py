"""`form_retry` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.form_retry.definition import DEFINITION
from apps.detection.interactions import Event, in_session_order, pages_after
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The form retries among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, [submit for submit, _ in burst], element=form, detail=_failure(*burst[-1]))
        for form, run in _runs_of_failures(events)
        for burst in bursts(
            run,
            time_ms=lambda failed: failed[0].ts_ms,
            at_least=number(values, "min_failures"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _runs_of_failures(events: Sequence[Event]) -> list[tuple[str, list[tuple[Event, int | None]]]]:
    """(form, failed submits in order, each with its status) per run: a run ends where the form was accepted."""
    ended: list[tuple[str, list[tuple[Event, int | None]]]] = []
    running: dict[tuple[str, str], list[tuple[Event, int | None]]] = {}
    after = pages_after(events)
    for event in in_session_order(events):
        if event.type != "submit":
            continue
        form = event.form or event.element
        status = _status(event, after.get((event.page_id, event.n)))
        if event.subtype == "invalid" or (status is not None and 400 <= status <= 499):
            running.setdefault((form, event.route), []).append((event, status))
        elif status is not None and 200 <= status <= 399 and (form, event.route) in running:
            ended.append((form, running.pop((form, event.route))))
    return ended + [(form, run) for (form, _), run in running.items()]


def _status(submit: Event, page: Event | None) -> int | None:
    """What `submit` was answered with; where the browser sent it, by `page`, which followed."""
    return page.status if submit.status is None and page is not None else submit.status


def _failure(submit: Event, status: int | None) -> str:
    return "invalid" if submit.subtype == "invalid" else f"HTTP {status}"
