"""The definition of `form_retry`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="form_retry",
    version=2,
    title="Form retry",
    event_types=("submit",),
    sentence="At least {min_failures} failed submits of one form within {window_ms} ms.",
    details=(
        (
            "A submit failed when the browser's validation or the app's own refused it, or when the request that "
            "carried it was answered with a status from 400 to 499; of a form that the browser posts by itself, the "
            "next page tells how. A server's fault (5xx) or a network error is not "
            "the form's, and an unknown status proves nothing: they are passed over."
        ),
        (
            "One form is one selector on one route of one session. Page views do not matter, because a form that "
            "the browser posts by itself loads its page anew."
        ),
        "A submit that was answered with a status from 200 to 399 ends the run; counting starts anew after it.",
        (
            "Windows of the least number of failures that share a failure are one signal, which grows with "
            "further failures."
        ),
    ),
    weight=4,
    parameters=(
        Parameter(
            "min_failures",
            "submits",
            3,
            "Two are a correction; the third is trouble. No product publishes a number.",
            least=2,
        ),
        Parameter(
            "window_ms", "ms", 120_000, "Two minutes: long enough to read a message and correct a field in between."
        ),
    ),
)
