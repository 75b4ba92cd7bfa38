"""The definition of `slow_interaction`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="slow_interaction",
    version=1,
    title="Slow interaction",
    event_types=("interaction",),
    sentence="A click, a tap or a key after which it took the page more than {slow_ms} ms to paint again.",
    details=(
        (
            "The browser itself measures it (Event Timing); Interaction to Next Paint (INP) is the worst of a visit. "
            "It says how long the page was frozen, and nothing about when the answer came: that is a slow click."
        ),
        "Every such input is one signal. The detail says how long it took.",
    ),
    weight=1,
    parameters=(Parameter("slow_ms", "ms", 500, "web.dev: an INP above 500 ms is poor.", least=200),),
)
