"""The definition of `layout_jump`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="layout_jump",
    version=2,
    title="Layout jump",
    event_types=("click",),
    sentence=(
        "A click on something that the page had moved by at least {moved_px} px at most {window_ms} ms before, so that "
        "the click may have hit something else than was meant."
    ),
    details=(
        (
            "What moved because the person had just asked for it (a menu that opens) is no layout shift: the browser "
            "leaves out what follows an input."
        ),
        (
            "Nor is it counted where the click before it, at most {radius_px} px away, was on something with the same "
            "role and label: of rows that are deleted one after another, each moves under the pointer that waits."
        ),
        "Every such click is one signal. The detail says how far its target had moved.",
    ),
    weight=2,
    parameters=(
        Parameter(
            "moved_px",
            "px",
            20,
            "Nearly the 24 px that a target must measure at the least (WCAG 2.2, 2.5.8): enough to miss it.",
            least=1,
        ),
        Parameter(
            "window_ms",
            "ms",
            500,
            "A hand on its way to a target cannot be stopped sooner; the SDK looks no further back.",
        ),
        Parameter("radius_px", "px", 30, "As near as clicks of one rage click may be to each other (PostHog)."),
    ),
)
