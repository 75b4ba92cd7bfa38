"""The definition of `page_loop`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="page_loop",
    version=2,
    title="Page loop",
    event_types=("page",),
    sentence=(
        "The same route loaded at least {min_loads} times within {window_ms} ms, without a click or submit in between: "
        "pages that send people round in a circle."
    ),
    details=(
        (
            "Loads are those of documents and those within a page (push, replace). Going back and reloading are the "
            "person's own doing: see quick back and reload burst."
        ),
        (
            "Any click or submit of the session begins the counting anew, because who browses a list or a gallery "
            "shows the same route again and again."
        ),
        (
            "A push or replace from a route to itself is not counted: that is the next item of a gallery, by a key "
            "or by a timer. Nor is a document that another page led to than the one shown before it, or one of which "
            "nobody knows what led to it and that began after the page before was left: those are several links opened "
            "in several tabs. A page that takes the place of another begins before that one is left."
        ),
        (
            "Windows of the least number of loads that share a load are one signal. The detail is the route that the "
            "last load came from."
        ),
    ),
    weight=3,
    parameters=(
        Parameter("min_loads", "loads", 3, "Conviva: 3 within 15 s.", least=2),
        Parameter("window_ms", "ms", 15_000, "Conviva: 3 within 15 s."),
    ),
)
