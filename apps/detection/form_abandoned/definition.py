"""The definition of `form_abandoned`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="form_abandoned",
    version=2,
    title="Form abandoned",
    event_types=("field",),
    sentence=(
        "A form of which at least {min_fields} fields were edited, that was not sent, and whose page was then left."
    ),
    details=(
        (
            "A form is sent by its submit, whatever the server answers. One that the browser's validation refused was "
            "not sent. Fields that belong to no form are not counted: nothing tells when they would be sent."
        ),
        (
            "Many apps send a form without a submit. So a click on a button ({sending_roles}) that the page answers by "
            "one of {sending_answers}, and a request that writes (not {reading_methods}) and succeeds, send all forms "
            "of the page view as well."
        ),
        "Only fields edited since the form was last sent count; a page view has one such signal per form.",
        (
            "A page is left when it is closed, navigated away from or hidden, or when nobody does anything on it for "
            "30 minutes (the SDK tells all four), and nobody is seen on it again; or when the page view goes on to "
            "another route and does not come back. Who returns to a hidden page has not left it: the signal is "
            "retracted, and given again if the page is left again."
        ),
        "The count is the number of fields edited, the detail the last one that has a name.",
    ),
    weight=3,
    parameters=(
        Parameter(
            "min_fields",
            "fields",
            2,
            "One may be a search, a coupon, a newsletter; who fills in a second field means to send the form.",
            least=1,
        ),
        Parameter(
            "sending_roles",
            "names",
            ("button", "submit", "image"),
            "What a person presses to send a form: a button element, and inputs of the type submit or image.",
        ),
        Parameter(
            "sending_answers",
            "names",
            ("req", "nav", "dl", "win"),
            "How the page answers a press that sends something, or hands out what was made of it, such as an invoice; "
            "a mere mutation opens a menu or shows a password.",
        ),
        Parameter(
            "reading_methods",
            "names",
            ("GET", "HEAD", "OPTIONS"),
            "The safe methods of RFC 9110, section 9.2.1: a suggestion or a check, not a form that saves as one types.",
        ),
    ),
)
