"""Which signals a rule counts, and in which group. Pure: no Django, no driver, no clock."""

from typing import NamedTuple

from apps.detection.patterns import matches
from apps.thresholds.evaluation import Grouping, Rule

# (key, value) pairs in a fixed order: ("route", …) before ("element", …), absent where the rule does not group by it.
Group = tuple[tuple[str, str], ...]


class Traits(NamedTuple):
    """What a rule filters and groups by. A signal takes them from its first event, so they never change for its id."""

    kind: str
    route: str
    element: str
    environment: str
    release: str
    device: str


def counts(rule: Rule, traits: Traits) -> bool:
    """Whether the rule counts signals of these traits."""
    return refused_by(rule, traits) is None


def refused_by(rule: Rule, traits: Traits) -> str | None:
    """The first of the rule's fields that keeps signals of these traits from being counted; None where all let pass."""
    if traits.kind not in rule.signals:
        return "signals"
    for name, wanted, actual in (
        ("environment", rule.environment, traits.environment),
        ("release", rule.release, traits.release),
        ("device", rule.device, traits.device),
    ):
        if wanted not in {"", actual}:
            return name
    if not matches(rule.route_pattern, traits.route):
        return "route_pattern"
    if not matches(rule.element_pattern, traits.element):
        return "element_pattern"
    return None


def group_of(rule: Rule, traits: Traits) -> Group:
    """The group of the rule in which signals of these traits are counted."""
    values = {"route": traits.route, "element": traits.element}
    return tuple((key, values[key]) for key in group_keys(rule.group_by))


def group_keys(group_by: Grouping) -> tuple[str, ...]:
    """The keys of a grouping's groups, in order."""
    match group_by:
        case "nothing":
            return ()
        case "route":
            return ("route",)
        case "element":
            return ("element",)
        case "route_element":
            return ("route", "element")
