"""A project's settings of signals, in words."""

from apps.detection.catalog import by_name
from apps.detection.models import Suppression
from apps.detection.settings import OwnValues


def suppression_in_words(suppression: Suppression) -> str:
    """Which signals it hides: “Rage click on button#pay of /checkout”."""
    what = by_name(suppression.signal).title if suppression.signal else "Every signal"
    where = f" on {suppression.element_pattern}" if suppression.element_pattern else ""
    return f"{what}{where} of {suppression.route_pattern}" if suppression.route_pattern else f"{what}{where}"


def change_in_words(own: OwnValues) -> str:
    """What differs from the defaults: “Rage click: min clicks 4 instead of 3.”"""
    parts = [
        f"{by_name(signal).title}: {parameter.name.replace('_', ' ')} {_in_words(values[parameter.name])} "
        f"instead of {_in_words(parameter.default)}."
        for signal, values in own.items()
        for parameter in by_name(signal).parameters
        if parameter.name in values
    ]
    return " ".join(parts) or "The defaults."


def _in_words(value: object) -> str:
    return (", ".join(value) or "none") if isinstance(value, tuple) else str(value)
