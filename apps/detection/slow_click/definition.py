"""The definition of `slow_click`. Pure."""

from apps.detection.answers import ANSWER_KINDS, DOUBLE_CLICK_MS, DOUBLE_CLICK_RADIUS_PX, EXCLUDED_KINDS
from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="slow_click",
    version=2,
    title="Slow click",
    event_types=("click",),
    sentence=(
        "A click on something that looks clickable, which the page answered, but only after more than {slow_ms} ms and "
        "at most {dead_ms} ms."
    ),
    details=(
        (
            "A click that was answered in any way within {slow_ms} ms is not slow; one that was not answered within "
            "{dead_ms} ms is dead."
        ),
        (
            "The late answer must be the page's own. A person who waits in vain may select a text, type, or turn to "
            "another window, and none of that tells when the page would have answered."
        ),
        (
            "The second of a double click, at most {double_click_ms} ms and {radius_px} px from the first, is not slow "
            "where the first was answered within {slow_ms} ms: some people double-click everything."
        ),
        "Every such click is one signal. The detail says after how many ms the page answered.",
    ),
    weight=1,
    parameters=(
        Parameter(
            "slow_ms",
            "ms",
            1000,
            "The limit at which people lose their flow of thought (Nielsen, Response Times, 1993). Sentry: 3 s.",
        ),
        Parameter("dead_ms", "ms", 2500, "From here on it is a dead click."),
        ANSWER_KINDS,
        Parameter(
            "page_kinds",
            "names",
            ("mut", "req", "nav", "scroll", "dlg", "dl", "win", "media"),
            "The answers that only the page gives. “sel”, “input”, “focus” and “vis” can be what the person does next.",
        ),
        EXCLUDED_KINDS,
        DOUBLE_CLICK_MS,
        DOUBLE_CLICK_RADIUS_PX,
    ),
)
