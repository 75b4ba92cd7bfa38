"""The definition of `thrashed_cursor`. Pure."""

from apps.detection.definition import Definition, Parameter

DEFINITION = Definition(
    name="thrashed_cursor",
    version=1,
    title="Thrashed cursor",
    event_types=("pointer",),
    sentence=(
        "The pointer changed its direction at least {min_turns} times and travelled at least {travelled_px} px within "
        "2000 ms."
    ),
    details=(
        (
            "The SDK counts the turns and the way, each the most within any 2,000 ms of a spell. It leaves out what "
            "has a purpose: movements with a button held, as when dragging or selecting, and those over a drawing "
            "surface."
        ),
        "A spell is one signal, however long it lasts. The count is the number of turns, the element what it was over.",
    ),
    weight=1,
    parameters=(
        Parameter("min_turns", "turns", 10, "Amplitude: 10 within 2 s.", least=5),
        Parameter(
            "travelled_px",
            "px",
            600,
            "60 px a turn: a hand that shakes the pointer, not one that trembles or follows a line of text.",
        ),
    ),
)
