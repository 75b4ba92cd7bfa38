"""The definition of `rage_click`. Pure."""

from apps.detection.answers import ANSWER_KINDS, EXCLUDED_KINDS
from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="rage_click",
    version=1,
    title="Rage click",
    event_types=("click",),
    sentence=(
        "At least {min_clicks} clicks on the same element, or at most {radius_px} px from the click before, within "
        "{window_ms} ms, none of which the page answered within {answer_ms} ms."
    ),
    details=(
        (
            "Clicks of one page view, in the order in which they happened, form a chain while each is on the "
            "element of the click before it or close to it. A click without an element is compared by distance "
            "only."
        ),
        (
            "In a chain, only unanswered clicks count: a stepper, a gallery or a double click that opens "
            "something answers, and so never makes a rage click, however fast it is clicked."
        ),
        (
            "A click on one of the excluded kinds, or one watched for less than the time the page had to answer, "
            "proves nothing: it stays in the chain and is not counted."
        ),
        (
            "Windows of the least number of clicks that share a click are one signal, which grows while the "
            "clicking goes on."
        ),
        "The count is the number of unanswered clicks; the element is the first one's.",
    ),
    weight=4,
    parameters=(
        Parameter("min_clicks", "clicks", 3, "Datadog and PostHog: 3; Amplitude: 4.", least=2),
        Parameter("window_ms", "ms", 1000, "Datadog, PostHog and Amplitude: 1 s."),
        Parameter("radius_px", "px", 30, "PostHog: 30 px; Amplitude: 50 px; Datadog: 100 px."),
        Parameter(
            "answer_ms",
            "ms",
            500,
            "Longer than people wait before they click again in anger; an answer later than this is slow.",
        ),
        ANSWER_KINDS,
        EXCLUDED_KINDS,
    ),
)
