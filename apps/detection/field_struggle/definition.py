"""The definition of `field_struggle`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="field_struggle",
    version=4,
    title="Field struggle",
    event_types=("field",),
    sentence=(
        "One field of one line edited in at least {min_visits} visits, or any field emptied at least {min_clears} "
        "times, within {window_ms} ms, while nothing shows that what was filled in was taken."
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
            "A field that takes one thing after another (a list's, a chat's, a grid's) is no trouble. So counting "
            "starts anew with a visit that found that what was filled in before was taken: the form of the field was "
            "sent since and answered with a status from 200 to 399, or, where the browser sent it, by a page of "
            "another route; or the page had emptied the field, or put something else into it, and nothing had failed; "
            "or the field belongs to no form, a request that writes (not {reading_methods}) was answered with such a "
            "status, and nothing had failed: the cells of a table are saved like that, one by one."
        ),
        (
            "The visits are counted of a field that holds one line ({line_tags}). A longer text, as in an editor or a "
            "comment, is previewed, styled and gone on with again and again by whoever writes it; of it only the "
            "emptyings are counted."
        ),
        (
            "What failed is, anywhere in the session since the visit before to the field, a submit that the browser "
            "refused, or that was answered with a status from 400 on or not at all, or such a request that writes: "
            "many forms empty a password that was wrong. A request to another host that got no "
            "answer, and has given the page none, is not counted, as content blockers make such requests fail."
        ),
        (
            "What the page empties as it is typed, or only writes in another way, as a telephone number, was not "
            "taken. A field that a page empties because it refuses what was filled in, telling nobody but the person, "
            "cannot be told from one that took it, and is missed; a form that loads its page anew to take the next "
            "thing cannot be told from one that does so to refuse it, and counts."
        ),
        "A choice out of a native list that belongs to no form acts at once, and one after another is no trouble.",
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
        Parameter(
            "reading_methods",
            "names",
            ("GET", "HEAD", "OPTIONS"),
            "The safe methods of RFC 9110, section 9.2.1: a poll in the background that fails refuses nothing.",
        ),
        Parameter(
            "line_tags",
            "names",
            ("input", "select"),
            "HTML's elements for one line. All that holds more (textarea, contenteditable) is worked on for long.",
        ),
    ),
)
