"""The definition of `dead_click`. Pure."""

from apps.detection.answers import ANSWER_KINDS, DOUBLE_CLICK_MS, DOUBLE_CLICK_RADIUS_PX, EXCLUDED_KINDS
from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="dead_click",
    version=2,
    title="Dead click",
    event_types=("click",),
    sentence="A click on something that looks clickable, which the page did not answer within {answer_ms} ms.",
    details=(
        "The SDK says what looks clickable: a link, a button, a role, a known listener, a pointer cursor.",
        (
            "A click that was watched for less than that time, because the page was left, proves nothing and is "
            "not counted."
        ),
        (
            "Nor is the second of a double click, at most {double_click_ms} ms and {radius_px} px from the first, "
            "where the first was answered: some people double-click everything."
        ),
        "Every such click is one signal.",
    ),
    weight=2,
    parameters=(
        Parameter("answer_ms", "ms", 2500, "PostHog: 2.5 s; Amplitude: 3 s; OpenReplay: 1.2 s; Sentry: 7 s."),
        ANSWER_KINDS,
        EXCLUDED_KINDS,
        DOUBLE_CLICK_MS,
        DOUBLE_CLICK_RADIUS_PX,
    ),
)
