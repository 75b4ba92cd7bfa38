"""The definition of `error_burst`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="error_burst",
    version=1,
    title="Error burst",
    event_types=("error",),
    sentence=(
        "At least {min_errors} uncaught errors or unhandled rejections of one group within {window_ms} ms on a page "
        "that somebody uses."
    ),
    details=(
        "A group is the same type, message and script. Each page view counts for itself.",
        (
            "An error counts while the page is used: at most {use_ms} ms after the person last did something there "
            "(opened or came back to it, clicked, filled in a field, scrolled, moved the pointer to and fro), and not "
            "while it is hidden. What an abandoned tab throws bothers nobody."
        ),
        (
            "Windows of the least number of errors that share one are one signal, which grows with further errors. The "
            "count is the number of errors, the detail the message."
        ),
    ),
    weight=5,
    parameters=(
        Parameter(
            "min_errors",
            "errors",
            3,
            "One is error_click's business; three of the same are a page in trouble.",
            least=2,
        ),
        Parameter("window_ms", "ms", 10_000, "What happens together in the eyes of the person who uses the page."),
        Parameter(
            "use_ms",
            "ms",
            10_000,
            "Who has done nothing for longer reads, or is gone. Nielsen: 10 s is the limit of keeping one's attention.",
        ),
    ),
)
