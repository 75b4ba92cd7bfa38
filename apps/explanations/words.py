"""An explanation in plain sentences. Pure: no Django, no driver, no clock."""

from collections.abc import Sequence

from apps.core.counting import several
from apps.explanations.answer import Answer, GroupAnswer, LeftOut, NearMoment, Why
from apps.incidents.lifecycle import MUTED, spell
from apps.incidents.sentences import kind_name, plain
from apps.thresholds.evaluation import Predicate, Rule, Status, percent

SWITCHED_OFF = "The threshold was switched off then; the numbers are those it would have gone by."
# Groups that are told of: the nearest to a breach.
GROUPS = 20
# Characters, as in an incident's sentence.
_TEXT = 120
_UNITS = {"signals": "signal", "sessions": "session", "users": "identified user"}
_LACKS = {
    "minimum_sessions": " to the sessions that it takes to mean anything",
    "times_earlier": " to the number that the time before asks for",
    "breaches_needed": " to the verdicts that it takes",
}


def headline(found: Answer, rule: Rule) -> str:
    """Yes or no, and by how much. For example:

    No: nothing breached. The nearest was “Pay now” on /checkout with 4 of 5 sessions within 15 minutes; 1 was missing.
    """
    if found.breached:
        others = "" if len(found.breached) == 1 else f", and {several(len(found.breached) - 1, 'other group')} too"
        return f"Yes: {_name(found.breached[0])} breached with {_measured(found.breached[0], rule)}{others}."
    nearest = found.nearest_miss
    if nearest is None:
        return f"No: there was nothing to count in the {spell(rule.window_ms)} before."
    return (
        f"No: nothing breached. The nearest was {_name(nearest)} with {_measured(nearest, rule)}; {_lacking(nearest)}."
    )


def of_group(each: GroupAnswer, rule: Rule) -> str:
    """One group's verdict in a sentence."""
    if each.verdict.status is Status.BREACHED:
        return f"{_name(each)} breached with {_measured(each, rule)}."
    return f"{_name(each)} had {_measured(each, rule)}; {_lacking(each)}."


def of_left_out(each: LeftOut, rule: Rule) -> str:
    """What was not counted, and by what."""
    what = f"{several(each.signals, 'signal')} of {several(each.sessions, 'session')}"
    one = each.signals == 1
    was = "was" if one else "were"
    met = f"“{plain(each.what, _TEXT)}”" if each.what else "nothing"
    wanted = {
        Why.ENVIRONMENT: rule.environment,
        Why.RELEASE: rule.release,
        Why.DEVICE: rule.device,
        Why.ROUTE_PATTERN: rule.route_pattern,
        Why.ELEMENT_PATTERN: rule.element_pattern,
    }
    match each.why:
        case Why.SIGNALS:
            return f"{what} {was} of the kind {each.what.replace('_', ' ')}, which this threshold does not count."
        case Why.LATE:
            events = "its events" if one else "their events"
            return f"{what} happened within the window, but {events} arrived after this moment."
        case Why.RETRACTED:
            none = "it was none" if one else "they were none"
            return f"{what} had been taken back by then: later events showed that {none}."
        case Why.SUPPRESSED:
            return f"{what} {'is' if one else 'are'} suppressed, because: {plain(each.what, _TEXT)}"
        case Why.SETTLED:
            return f"{what} came before {'its' if one else 'their'} incident was resolved, and {was} answered by that."
        case _:
            name = each.why.value.removesuffix("_pattern")
            return f"{what} {was} left out by the filter: {name} was {met}, wanted is “{wanted[each.why]}”."


def of_near(moment: NearMoment) -> str:
    """A moment that was one short of a signal."""
    element = f"“{plain(moment.label, _TEXT)}”" if moment.label else plain(moment.element, _TEXT)
    place = f"{element} of {plain(moment.route, _TEXT)}" if element else plain(moment.route, _TEXT)
    return f"{moment.count} of the {moment.needed} that make {kind_name(moment.kind)}, on {place}."


def of_standing(state: str, *, opened_now: bool) -> str:
    """What an incident that was there meant; its own sentence follows."""
    if opened_now:
        return "So this incident opened:"
    if state == MUTED:
        return "Muted then, so nobody was disturbed:"
    return "An incident was open already, so no other opened for its group:"


def of_events(reason: str, events: int, sessions: int) -> str:
    """Events that no rule looks at."""
    why = {
        "too_old": "arrived more than 7 days after they had happened",
        "too_new": "told a time more than 5 minutes ahead of ours",
    }.get(reason, "are marked as not to be evaluated")
    return f"{several(events, 'event')} of {several(sessions, 'session')} {why}: stored, and never evaluated."


def sentences(found: Answer, rule: Rule) -> Sequence[str]:
    """The headline, the groups after it that are nearest to a breach, and what was left out."""
    return [
        headline(found, rule),
        *(of_group(each, rule) for each in found.groups[:GROUPS]),
        *(of_left_out(each, rule) for each in found.left_out),
    ]


def _name(each: GroupAnswer) -> str:
    group = dict(each.group)
    if not group:
        return "the whole project"
    element = group.get("element")
    if element is None:
        return plain(group["route"], _TEXT)
    name = f"“{plain(each.label, _TEXT)}”" if each.label else plain(element, _TEXT)
    if "route" not in group:
        # What happened to no element happened to a page.
        return name or "the pages themselves"
    route = plain(group["route"], _TEXT)
    return f"{name} on {route}" if name else route


def _measured(each: GroupAnswer, rule: Rule) -> str:
    if rule.metric == "share":
        measure = each.verdict.measure
        return (
            f"{percent(each.verdict.value)} of its {several(measure.exposed, 'session')} "
            f"({percent(rule.at_least)} needed) within {spell(rule.window_ms)}"
        )
    value = f"{each.verdict.value} of {several(rule.at_least, _UNITS[rule.metric])}"
    if each.verdict.value >= rule.at_least:
        value = f"{several(each.verdict.value, _UNITS[rule.metric])}, {rule.at_least} needed,"
    return f"{value} within {spell(rule.window_ms)}"


def _lacking(each: GroupAnswer) -> str:
    return " and ".join(_lack(each, predicate) for predicate in each.verdict.trace if not predicate.holds)


def _lack(each: GroupAnswer, predicate: Predicate) -> str:
    missing = f"{-predicate.margin}"
    if each.verdict.metric == "share" and predicate.name in {"share_at_least", "times_earlier"}:
        missing = percent(-predicate.margin)
    was = "was" if missing == "1" else "were"
    return f"{missing} {was} missing{_LACKS.get(predicate.name, '')}"
