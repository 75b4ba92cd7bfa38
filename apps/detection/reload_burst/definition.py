"""The definition of `reload_burst`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="reload_burst",
    version=2,
    title="Reload burst",
    event_types=("page",),
    sentence="At least {min_reloads} reloads of one page within {window_ms} ms.",
    details=(
        "One page is one route of one session: every reload begins a page view of its own.",
        (
            "A reload that the page itself did is not counted: one that waits for a payment or shows a queue, for "
            "instance, and loads itself anew every few seconds. Browsers tell the page that is left; where they do "
            "not, it is known by a click or submit, after the page event before, that was answered by a navigation, "
            "such as a switch of the language. The browser's own reload button answers no click."
        ),
        "Windows of the least number of reloads that share a reload are one signal, which grows with further reloads.",
    ),
    weight=2,
    parameters=(
        Parameter(
            "min_reloads",
            "reloads",
            2,
            "One brings a page up to date; who reloads again at once did not get what he expected.",
            least=2,
        ),
        Parameter("window_ms", "ms", 20_000, "A slow page needs some seconds to show that the reload did not help."),
    ),
)
