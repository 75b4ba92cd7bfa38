"""The definition of `error_click`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="error_click",
    version=4,
    title="Error click",
    event_types=("click",),
    sentence=(
        "An uncaught error or an unhandled rejection at most {window_ms} ms after a click, or a failed request that "
        "began at most so long after it, and caused by it, not merely near it."
    ),
    details=(
        (
            "A failure belongs to the last click before it on the same page view; a failed request to the last "
            "click before it began, so that one already under way is laid to nobody."
        ),
        (
            "A failed request is measured by its beginning, however late it fails: a server that is too busy answers "
            "after many seconds."
        ),
        (
            "A failure with no click in the {window_ms} ms before it, or before it began, happened by itself. It shows "
            "that its group (the same error, or the same method, address and status) is going on in the background: a "
            "timer, a poll."
        ),
        (
            "The next failure of a group that is going on in the background is background too, even when a click "
            "precedes it, if the one before it happened at most {quiet_ms} ms before that click; and so on, until "
            "the group has been quiet for that long before a click. A button that throws at every click "
            "therefore gives a signal for every click, and a timer that throws every few seconds gives none."
        ),
        (
            "A request failed when it got no answer or one with a status of at least {status_from}. One to another "
            "host that got no answer is not counted unless that host has answered the page before: content blockers "
            "make such requests fail on healthy pages."
        ),
        (
            "A failed request is not counted either where the app has sent it again by itself, with no click in "
            "between, and it was answered well at most {retry_ms} ms after the failure."
        ),
        "All failures of one click are one signal: the count says how many, the detail what the first one was.",
    ),
    weight=4,
    parameters=(
        Parameter(
            "window_ms", "ms", 1000, "Amplitude: 2 s; half of it, because what comes later has other causes as often."
        ),
        Parameter(
            "quiet_ms",
            "ms",
            10_000,
            "Longer than the usual period of a poll or a timer, so that one is seen before the click.",
        ),
        Parameter(
            "status_from",
            "HTTP status",
            500,
            "A 4xx is most often an answer that the page shows: a refused form (form_retry counts those), a login, "
            "nothing found. A 5xx never is.",
            least=400,
        ),
        Parameter(
            "retry_ms",
            "ms",
            5000,
            "What apps send again by themselves after 1 s and once more after 2 s (the defaults of the usual "
            "libraries) has worked by then. Whoever waits longer has noticed.",
        ),
        Parameter(
            "rounding_ms",
            "ms",
            1,
            "A request's beginning is the difference of two times that are each rounded to whole ms.",
        ),
    ),
)
