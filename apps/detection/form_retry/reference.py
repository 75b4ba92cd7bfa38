"""`form_retry` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.failing import answered_well
from apps.detection.form_retry.definition import DEFINITION
from apps.detection.interactions import Event, in_session_order
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The form retries among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, element=form, detail=_failure(burst[-1]))
        for form, run in _runs_of_failures(events)
        for burst in bursts(
            run,
            time_ms=lambda submit: submit.ts_ms,
            at_least=number(values, "min_failures"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _runs_of_failures(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    """(form, failed submits in order) per run: a run ends where the form was accepted."""
    ended: list[tuple[str, list[Event]]] = []
    running: dict[tuple[str, str], list[Event]] = {}
    for event in in_session_order(events):
        if event.type != "submit":
            continue
        form = event.form or event.element
        if _is_failed(event):
            running.setdefault((form, event.route), []).append(event)
        elif _is_accepted(event) and (form, event.route) in running:
            ended.append((form, running.pop((form, event.route))))
    return ended + [(form, run) for (form, _), run in running.items()]


def _is_failed(submit: Event) -> bool:
    return submit.subtype == "invalid" or (submit.status is not None and 400 <= submit.status <= 499)


def _is_accepted(submit: Event) -> bool:
    return submit.subtype != "invalid" and answered_well(submit)


def _failure(submit: Event) -> str:
    return "invalid" if submit.subtype == "invalid" else f"HTTP {submit.status}"
