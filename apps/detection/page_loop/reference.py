"""`page_loop` over one session, in plain Python: what query.sql must agree with. Pure."""

from collections.abc import Mapping, Sequence

from apps.detection.bursts import bursts
from apps.detection.definition import Value, number
from apps.detection.interactions import Event, in_session_order
from apps.detection.page_loop.definition import DEFINITION
from apps.detection.signal import Signal, signal_of


def detect(events: Sequence[Event], values: Mapping[str, Value]) -> list[Signal]:
    """The page loops among one session's `events`, each of which occurs once."""
    return [
        signal_of(DEFINITION, burst, element="", detail=burst[-1].message)
        for loads in _runs_of_loads(events)
        for burst in bursts(
            loads,
            time_ms=lambda load: load.ts_ms,
            at_least=number(values, "min_loads"),
            within_ms=number(values, "window_ms"),
        )
    ]


def _runs_of_loads(events: Sequence[Event]) -> list[list[Event]]:
    """The loads of each route between two clicks or submits."""
    runs: dict[tuple[int, str], list[Event]] = {}
    inputs = 0
    shown = ""
    left_ms: int | None = None
    for event in in_session_order(events):
        if event.type in {"click", "submit"}:
            inputs += 1
        elif event.type == "leave":
            left_ms = event.ts_ms
        elif event.type == "page":
            if _is_load(event, shown=shown, left_ms=left_ms):
                runs.setdefault((inputs, event.route), []).append(event)
            shown = event.route
    return list(runs.values())


def _is_load(page: Event, *, shown: str, left_ms: int | None) -> bool:
    """`shown`: the route of the page event before; `page.message` is the one that the page itself came from.

    `left_ms`: when a page was left last. A page that takes another one's place begins before that is left.
    """
    if page.subtype == "load":
        if page.message:
            return page.message == shown
        return left_ms is None or left_ms >= page.ts_ms - page.t
    return page.subtype in {"push", "replace"} and page.message != page.route
