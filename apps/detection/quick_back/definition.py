"""The definition of `quick_back`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="quick_back",
    version=2,
    title="Quick back",
    event_types=("page",),
    sentence=(
        "A page reached from another page of the site and left within {window_ms} ms by going back, with nothing done "
        "on it."
    ),
    details=(
        (
            "The page event that arrived (a load or push from a known route of the site) is followed in the session by "
            "one that went back. A replace in between is the page's own and is passed over."
        ),
        (
            "That must be the way back from this page: to the route that it was reached from, or after it was left. A "
            "link that was opened in another tab, and is kept for later, is not gone back from."
        ),
        (
            "A click, a submit or an edited field on the page in between shows that it was used, also a click on the "
            "page's own way back."
        ),
        (
            "Where going back loads a document anew, the person left when that document's life began, not when it was "
            "shown."
        ),
        "Every such page is one signal; the detail is the route that it was reached from.",
    ),
    weight=1,
    parameters=(
        Parameter(
            "window_ms",
            "ms",
            5000,
            "Long enough to see that a page is not the one that was meant, too short to read it. Clarity: unstated.",
        ),
    ),
)
