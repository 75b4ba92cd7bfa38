"""The definition of `repeated_search`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="repeated_search",
    version=4,
    title="Repeated search",
    event_types=("field", "submit"),
    sentence=(
        "At least {min_queries} different queries of one search form within {window_ms} ms, none of them followed by a "
        "click on a result, or by a choice."
    ),
    details=(
        (
            "A search form is one that has the role of a search ({search_roles}), or one of the names {search_names} "
            "in its selector, or that holds an edited field with one of these. A search field without a form is one by "
            "itself. One form is one selector in a session, on whatever page: many searches load the next page."
        ),
        (
            "A query is a submit; or, where the form is never sent because the page searches as one types, a visit "
            "that edited a field of it. What was asked for is never known: a submit is a different query when a field "
            "of the form was edited between it and the submit before it. Of a visit that goes on over both this is "
            "taken for granted."
        ),
        (
            "A click on a result is a click on a link ({result_kinds}), or one that the page answers by one of "
            "{result_answers}, before the next query and at most {window_ms} ms after the query. The press of a button "
            "at most {press_ms} ms before a submit is that of the form itself. Which link is a result cannot be told: "
            "all are taken for one."
        ),
        (
            "A click on a row of a table ({row_names}) that looks clickable is one on a result, too, if it sends a "
            "request: it shows a panel beside the table. Of anything else that sends one, as a button, a filter, a "
            "page number or a card, nobody can tell whether it opens a result or searches."
        ),
        (
            "Where the form is never sent, a query has led to something too if the next visit found that the page had "
            "emptied the field, or put something else into it: so do the boxes that search the choices of a select, "
            "which many selects share, once one was chosen, by a click or by a key."
        ),
        "A query that has led to something ends the run; counting starts anew after it.",
        "Windows of the least number of queries that share one are one signal. The count is the number of queries.",
    ),
    weight=2,
    parameters=(
        Parameter(
            "min_queries",
            "queries",
            3,
            (
                "The second query corrects the first; with the third the search itself fails. No product publishes a "
                "number."
            ),
            least=2,
        ),
        Parameter("window_ms", "ms", 60_000, "A minute: three queries in it leave no time to read results."),
        Parameter("search_roles", "names", ("search", "searchbox"), "ARIA's landmark and its widget for searching."),
        Parameter(
            "search_names",
            "names",
            ("search", "query", "q"),
            "Most searches have no role. Whole words of a name, an id or a test id: site-search, not research.",
        ),
        Parameter(
            "result_kinds", "names", ("link", "newtab", "download"), "Elements that lead somewhere by themselves."
        ),
        Parameter(
            "result_answers",
            "names",
            ("nav", "win", "dl", "media"),
            "How a page answers when a result that is no link opens, or plays.",
        ),
        Parameter(
            "row_names",
            "names",
            ("row", "tr"),
            "ARIA's role of a row, and HTML's element, which has none told. A cell may be a day of a filter by date.",
        ),
        Parameter("press_ms", "ms", 500, "A submit follows the press of its button at once, unless the page is busy."),
    ),
)
