"""The definition of `request_failures`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="request_failures",
    version=2,
    title="Request failures",
    event_types=("request",),
    sentence=(
        "At least {min_failures} failed requests of one page view within {window_ms} ms while it is shown; or fewer, "
        "and the page was left within {window_ms} ms after them."
    ),
    details=(
        (
            "A request failed when it got no answer or one with a status of at least {status_from}. One to another "
            "host that got no answer is not counted unless that host has answered the page before: content blockers "
            "make such requests fail on healthy pages."
        ),
        (
            "What fails after the page was hidden or left, and before anybody is seen on it again, is not counted: "
            "polls in a tab in the background may fail for long, and whoever comes back finds a page that works."
        ),
        (
            "A page is left when it is closed, navigated away from or hidden, and nobody is seen on it again. Who "
            "returns to a hidden page has not left it: the signal is retracted."
        ),
        (
            "A failure does not account for the leaving when the same address (method and path) answered well after "
            "it, or when it had failed before these {window_ms} ms already, as a poll in the background does."
        ),
        (
            "Windows of the least number of failures that share one are one signal. The count is the number of "
            "failures, the detail the last one."
        ),
    ),
    weight=3,
    parameters=(
        Parameter("min_failures", "requests", 3, "Conviva. One may be bad luck; the third is an outage.", least=2),
        Parameter("window_ms", "ms", 10_000, "Conviva; and as long as people wait before they give up."),
        Parameter(
            "status_from",
            "HTTP status",
            500,
            "A 4xx is most often an answer that the page shows: a refused form, a login, nothing found.",
            least=400,
        ),
    ),
)
