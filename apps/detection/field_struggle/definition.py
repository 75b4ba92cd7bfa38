"""The definition of `field_struggle`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="field_struggle",
    version=1,
    title="Field struggle",
    event_types=("field",),
    sentence=(
        "One field edited in at least {min_visits} visits, or emptied at least {min_clears} times, within {window_ms} "
        "ms."
    ),
    details=(
        (
            "A visit begins when the field gets the focus and ends when it loses it; it is dated by its beginning. "
            "What was typed is never known, only that something was."
        ),
        (
            "A field is emptied when something stood in it and nothing is left, by the person's own editing. Of a "
            "visit longer than {window_ms} ms nobody knows when in it that happened, so it shows no emptying; and no "
            "visit counts for more than {min_clears}."
        ),
        (
            "One field is one selector on one route of one session. Page views do not matter, because a form that is "
            "refused often loads its page anew."
        ),
        (
            "A field edited in too many visits is measured by these, any other by how often it was emptied. The count "
            "is the number of visits, or of emptyings; windows that share one are one signal."
        ),
    ),
    weight=2,
    parameters=(
        Parameter(
            "min_visits",
            "visits",
            4,
            "To fill in, to correct, to correct once more: the fourth is trouble. No product publishes a number.",
            least=2,
        ),
        Parameter(
            "min_clears",
            "emptyings",
            3,
            "To begin anew is a typing error; to do it for the third time is a field that does not take what is typed.",
            least=2,
        ),
        Parameter("window_ms", "ms", 60_000, "A minute with one field, which takes some seconds to fill in."),
    ),
)
