"""What a signal's definition consists of. Pure: no Django, no driver, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

# A number in the parameter's unit, or a list of names.
Value: TypeAlias = int | tuple[str, ...]

# The largest number a parameter may take: a day in ms. Sums and squares of it stay exact in Int64 and Float64.
LARGEST = 86_400_000


class ParameterError(ValueError):
    """A parameter was given that the definition does not have, or a value that it cannot take."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number, or one list of names, of a definition. Projects may override it.

    `least` bounds a number from below; a list of names may be empty.
    """

    name: str
    unit: str
    default: Value
    reason: str
    least: int = 0

    def checked(self, value: Value) -> Value:
        """`value`, when this parameter can take it. Raises ParameterError."""
        if isinstance(self.default, tuple):
            if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
                raise ParameterError(f"“{self.name}” is a list of names; got {value!r}.")
        elif isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= LARGEST:
            raise ParameterError(
                f"“{self.name}” is a whole number of {self.unit} from {self.least} to {LARGEST}; got {value!r}."
            )
        return value


@dataclass(frozen=True, slots=True)
class Definition:
    """A signal's rule, as people read it.

    `version` rises whenever the rule or a default changes. `weight` is what one such signal adds to a session's
    frustration score. `sentence` says the rule in plain words, with a parameter's value where its name stands in
    braces; `details` says what decides the edges. Each such signal has an event of one of `event_types`: where none of
    them happened, nobody needs to look for it.
    """

    name: str
    version: int
    title: str
    event_types: tuple[str, ...]
    sentence: str
    details: tuple[str, ...]
    weight: int
    parameters: tuple[Parameter, ...]

    def values(self, overrides: Mapping[str, Value] | None = None) -> dict[str, Value]:
        """Every parameter's value: the override where there is one, else the default. Raises ParameterError."""
        overrides = overrides or {}
        known = {parameter.name for parameter in self.parameters}
        unknown = sorted(set(overrides) - known)
        if unknown:
            raise ParameterError(f"{self.title} has no parameter “{unknown[0]}”. It has: {', '.join(sorted(known))}.")
        return {
            parameter.name: parameter.checked(overrides.get(parameter.name, parameter.default))
            for parameter in self.parameters
        }


def number(values: Mapping[str, Value], name: str) -> int:
    """The number `name` among `values`."""
    value = values[name]
    if isinstance(value, tuple):
        raise ParameterError(f"“{name}” is a list of names, not a number.")
    return value


def names(values: Mapping[str, Value], name: str) -> tuple[str, ...]:
    """The list of names `name` among `values`."""
    value = values[name]
    if not isinstance(value, tuple):
        raise ParameterError(f"“{name}” is a number, not a list of names.")
    return value
