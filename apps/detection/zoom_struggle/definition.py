"""The definition of `zoom_struggle`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="zoom_struggle",
    version=1,
    title="Zoom struggle",
    event_types=("zoom",),
    sentence=(
        "At least {min_zooms} zooms by pinching or double tapping within {window_ms} ms, on a page that says it fits "
        "small screens."
    ),
    details=(
        (
            "The SDK tells of zooms on pages with a mobile viewport alone: what is made for a large screen has to be "
            "zoomed. Zooming out counts too: to and fro is what people do who cannot read or hit something."
        ),
        "One page is one route of one page view.",
        "Windows of the least number of zooms that share a zoom are one signal. The detail is the last scale.",
    ),
    weight=1,
    parameters=(
        Parameter(
            "min_zooms",
            "zooms",
            3,
            "Once in and once out is reading; the third is trouble. FullStory names it, without a number.",
            least=2,
        ),
        Parameter("window_ms", "ms", 10_000, "Longer than three gestures take with a look in between."),
    ),
)
