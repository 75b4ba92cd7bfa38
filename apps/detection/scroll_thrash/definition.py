"""The definition of `scroll_thrash`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="scroll_thrash",
    version=1,
    title="Scroll thrash",
    event_types=("scroll",),
    sentence=(
        "At least {min_turns} reversals of scrolling within {window_ms} ms, each after at least {distance_px} px in "
        "one direction."
    ),
    details=(
        (
            "A stroke is a run of scrolling in one direction, up or down, left or right. It counts when a reversal "
            "ended it; the last stroke, after which the scrolling just stopped, does not."
        ),
        "Each scroller of a page view counts for itself; the page itself is one.",
        (
            "Windows of the least number of reversals that share one are one signal, which grows while the scrolling "
            "goes on. The count is the number of reversals."
        ),
    ),
    weight=1,
    parameters=(
        Parameter(
            "min_turns",
            "reversals",
            6,
            "Three times down and up again: who compares two places does it once or twice. Clarity names the signal "
            "and publishes no number.",
            least=2,
        ),
        Parameter("window_ms", "ms", 10_000, "One stroke in less than two seconds: searching, not reading."),
        Parameter("distance_px", "px", 300, "A third of a laptop's window; less is adjusting what one reads."),
    ),
)
