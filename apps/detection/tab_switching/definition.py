"""The definition of `tab_switching`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="tab_switching",
    version=1,
    title="Tab switching",
    event_types=("return",),
    sentence=(
        "A page hidden and shown again at least {min_returns} times within {window_ms} ms while a form on it is being "
        "filled in."
    ),
    details=(
        "Each time is measured by when the page was shown again.",
        (
            "It counts when a field was last edited at most {window_ms} ms before, and not sent since: a submit ends "
            "the filling, one that the browser's validation refused does not."
        ),
        "The element is the form, or the field where that belongs to none.",
        (
            "Windows of the least number of returns that share one are one signal, which grows while the switching "
            "goes on. The count is the number of returns."
        ),
    ),
    weight=1,
    parameters=(
        Parameter(
            "min_returns",
            "returns",
            4,
            "To look up a password or a number takes one or two. No product publishes a number.",
            least=2,
        ),
        Parameter("window_ms", "ms", 60_000, "A minute: one look elsewhere every quarter of it."),
    ),
)
