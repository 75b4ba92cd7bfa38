"""The definition of `copied_error`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="copied_error",
    version=2,
    title="Copied error",
    event_types=("copy",),
    sentence="Text copied out of an alert, a status or an error region at most {fresh_ms} ms after it appeared.",
    details=(
        (
            "The SDK knows such a region by its role or by aria-live, and tells how long before the copy it appeared "
            "or last changed; never what was copied."
        ),
        (
            "Where that is not known, the page's own age stands in for it: no region is older than its page, so what "
            "is copied within {fresh_ms} ms of the page's beginning is fresh. So is what is copied so soon after "
            "something has failed on the page view: an error, a submit that was refused, a request with a status from "
            "400 on or without an answer, unless it went to a host that never answered. The SDK looks until a click is "
            "answered; where a spinner is the answer, it does not see the message that follows."
        ),
        "A region of one of the excluded roles holds messages by its nature, and copying one is no sign of trouble.",
        "Every such copy is one signal.",
    ),
    weight=1,
    parameters=(
        Parameter(
            "fresh_ms", "ms", 30_000, "Who copies an error does so while it is news. No product publishes a number."
        ),
        Parameter(
            "excluded_roles",
            "names",
            ("log", "timer", "marquee"),
            "Chats, consoles, clocks and tickers: live regions whose text is content and not a message about a fault.",
        ),
    ),
)
