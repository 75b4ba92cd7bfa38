"""Which signals a rule counts, and in which group. Pure: no Django, no driver, no clock."""

from typing import NamedTuple

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


def matches(pattern: str, text: str) -> bool:
    """Whether the whole `text` fits `pattern`, in which `*` stands for any text. An empty pattern fits everything.

    Each piece between stars is taken at its first place, which is enough and takes linear time: a regular expression
    with several `.*` could be made to backtrack by a hostile route.
    """
    if not pattern:
        return True
    head, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    tail = rest.pop()
    if not text.startswith(head) or len(text) < len(head) + len(tail) or not text.endswith(tail):
        return False
    place, limit = len(head), len(text) - len(tail)
    for piece in rest:
        place = text.find(piece, place, limit)
        if place < 0:
            return False
        place += len(piece)
    return True


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
