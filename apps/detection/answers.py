"""What counts as an answer to a click, and whose answer the page cannot see: shared by the signals about clicks.
Pure."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from apps.detection.definition import Parameter, Value, names, number
from apps.detection.interactions import Event, answered, are_near, by_page_view

ANSWER_KINDS = Parameter(
    name="answer_kinds",
    unit="names",
    default=("mut", "req", "nav", "scroll", "sel", "input", "focus", "dlg", "dl", "win", "media", "vis"),
    reason=(
        "Everything by which a page can answer (docs/wire.md, “after”), except “bg”, a mutation that was going on "
        "anyway, and “err”, which answers nobody."
    ),
)

EXCLUDED_KINDS = Parameter(
    name="excluded_kinds",
    unit="names",
    default=("newtab", "download", "external", "text", "select", "media", "canvas", "label"),
    reason=(
        "Elements that the browser answers where the page cannot see it: another tab, a download, a mail program, the "
        "caret in a text field that already has the focus, a native list or date picker, a player's own controls, a "
        "drawing, the control of a label."
    ),
)

DOUBLE_CLICK_MS = Parameter(
    name="double_click_ms",
    unit="ms",
    default=500,
    reason="Within so long, Windows and GTK take two clicks for a double click, unless their user says otherwise.",
)

DOUBLE_CLICK_RADIUS_PX = Parameter(
    name="radius_px",
    unit="px",
    default=30,
    reason="As near as clicks of one rage click may be to each other (PostHog): the first may have moved what it hit.",
)


def second_clicks(events: Iterable[Event], values: Mapping[str, Value], *, answer_ms: int) -> set[tuple[str, int]]:
    """The (page view, n) of clicks that are the second of a double click whose first the page answered.

    The answer is by one of `answer_kinds` at most `answer_ms` after the first; the second comes at most
    `double_click_ms` after the first and `radius_px` from it. The queries say the same (clicks_in_order.sql).
    """
    return {
        (click.page_id, click.n)
        for page_view in by_page_view(event for event in events if event.type == "click").values()
        for before, click in pairwise(page_view)
        if answered(before, kinds=names(values, "answer_kinds"), within_ms=answer_ms)
        and click.t - before.t <= number(values, "double_click_ms")
        and are_near(click, before, radius_px=number(values, "radius_px"))
    }
