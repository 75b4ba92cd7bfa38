"""Why an incident opened, in one plain sentence. Pure: no Django, no driver, no clock.

Labels, routes and errors come from other people's pages: they are quoted, put on one line and cut, so that they cannot
pass for our own words. Escaping is the business of whoever shows the sentence.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps.core.counting import several
from apps.incidents.lifecycle import spell
from apps.thresholds.evaluation import Rule, Verdict, percent
from apps.thresholds.matching import Group
from apps.thresholds.windows import Point

# Characters. A label has 40 (docs/wire.md); a route or an error needs more, and the sentence must still fit a list.
_LABEL, _TEXT = 60, 120


@dataclass(frozen=True, slots=True)
class Facts:
    """What the breached window was about. `label` names the element with the most signals, `others` counts the rest."""

    kinds: tuple[tuple[str, int], ...]
    signals: int
    clicks: int
    people: int
    route: str
    label: str
    element: str
    elements: int
    detail: str
    # The one release of all the signals; empty where there are several, or none was reported.
    release: str = ""

    @property
    def main_kind(self) -> str:
        """The kind with the most signals, the first by name of equals."""
        return max(self.kinds, key=lambda kind: kind[1], default=("", 0))[0]


@dataclass(frozen=True, slots=True)
class _Words:
    """How a kind is told: its name for one and for several, and what happened to an element at its place."""

    one: str
    several: str
    happened: Callable[[Facts, str], str]


def facts(points: Sequence[Point]) -> Facts:
    """The facts of the points of one window, which `windows.held` gives in a fixed order."""
    kinds: Counter[str] = Counter()
    elements: Counter[tuple[str, str]] = Counter()
    labels: dict[str, str] = {}
    detail = ""
    releases = {point.release for point in points}
    for point in points:
        kinds[point.kind] += point.signals
        elements[point.route, point.element] += point.signals
        labels[point.element] = point.label or labels.get(point.element, "")
        detail = point.detail or detail
    # Most signals first; the name decides between equals, so that a replay says the same.
    (route, element), _ = min(elements.items(), key=lambda item: (-item[1], item[0]), default=(("", ""), 0))
    return Facts(
        kinds=tuple(sorted(kinds.items())),
        signals=sum(kinds.values()),
        clicks=sum(point.clicks for point in points),
        people=len({point.person for point in points}),
        route=route,
        label=labels.get(element, ""),
        element=element,
        elements=len(elements),
        detail=detail,
        release=releases.pop() if len(releases) == 1 else "",
    )


def opening(rule: Rule, verdict: Verdict, group: Group, found: Facts) -> str:
    """The sentence. For example:

    “Pay now” on /checkout did not answer 5 clicks by 1 visitor within 15 minutes (rage clicks; threshold: at least 1
    session).
    """
    kinds = [kind for kind, _ in found.kinds]
    words = _words(kinds[0]) if len(kinds) == 1 else _MIXED
    whole = _happened_in_group(words, found, dict(group))
    titles = " and ".join(_words(kind).several for kind in kinds) or "signals"
    share = ""
    if rule.metric == "share":
        share = f", {percent(verdict.value)} of {several(verdict.measure.exposed, 'session')},"
    return f"{whole}{share} within {spell(rule.window_ms)} ({titles}; threshold: at least {_bound(rule)})."


def name_of(found: Facts) -> str:
    """What a person would call the element: its label, or else its selector. Empty where it is about a page."""
    if found.label:
        return f"“{plain(found.label, _LABEL)}”"
    return f"The element {plain(found.element, _LABEL)}" if found.element else ""


def kind_name(kind: str) -> str:
    """What one signal of a kind is called, with its article: a rage click, an error burst."""
    one = _words(kind).one
    return f"{'an' if one[0] in 'aeiou' else 'a'} {one}"


def plain(text: str, limit: int) -> str:
    """`text` on one line without control, formatting and direction characters, at most `limit` characters."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    one_line = " ".join(shown.split())
    return one_line if len(one_line) <= limit else f"{one_line[: limit - 1]}…"


def _happened_in_group(words: _Words, found: Facts, group: dict[str, str]) -> str:
    """With an element in the group the sentence is about it; otherwise about the page or the site, naming the worst.

    What happened to no element happened to its page: a page loop, a reload burst.
    """
    by = f"by {several(found.people, 'visitor')}"
    name = name_of(found)
    if "element" in group or found.elements == 1:
        # The same element on several pages: then no page is named.
        page = plain(found.route, _TEXT) if "route" in group or found.elements == 1 else ""
        subject = f"{name} on {page}" if name and page else name or page or "The site"
        return f"{words.happened(found, subject)} {by}"
    whole = plain(group["route"], _TEXT) if "route" in group else "The site"
    places = f"on {found.elements} elements" if name else f"in {found.elements} places"
    if "route" in group:
        worst = _within(name) or "the page itself"
    else:
        worst = f"{_within(name)} on {plain(found.route, _TEXT)}" if name else plain(found.route, _TEXT)
    return f"{whole} had {several(found.signals, 'moment')} of frustration {places}, most on {worst}, {by}"


def _did_not_answer(found: Facts, subject: str) -> str:
    return f"{subject} did not answer {several(found.clicks, 'click')}"


def _was_slow(found: Facts, subject: str) -> str:
    return f"{subject} was slow to answer {several(found.clicks, 'click')}{_last('after', found)}"


def _was_slow_to_paint(found: Facts, subject: str) -> str:
    return f"{subject} was slow to react to {several(found.clicks, 'input')}{_last('after', found)}"


def _moved(found: Facts, subject: str) -> str:
    return f"{subject} moved just before {several(found.clicks, 'click')}{_last('by', found)}"


def _was_left_at_once(found: Facts, subject: str) -> str:
    return f"{subject} was left at once, by going back, {_times(found.signals)}"


def _went_round(found: Facts, subject: str) -> str:
    return f"{subject} loaded {_times(found.clicks)} without being asked for{_last('from', found)}, met"


def _was_reloaded(found: Facts, subject: str) -> str:
    return f"{subject} was reloaded {_times(found.clicks)}"


def _pointer_was_shaken(found: Facts, subject: str) -> str:
    return f"The pointer was shaken {_times(found.signals)} over {_within(subject)}"


def _was_zoomed(found: Facts, subject: str) -> str:
    return f"{subject} was zoomed {_times(found.clicks)}{_last('to', found)}"


def _caused_an_error(found: Facts, subject: str) -> str:
    error = f"“{plain(found.detail, _TEXT)}”" if found.detail else "an error"
    # One signal a click; its count is that of the errors.
    return f"{subject} caused {error} on {several(found.signals, 'click')}"


def _kept_failing(found: Facts, subject: str) -> str:
    last = f", last with “{plain(found.detail, _TEXT)}”," if found.detail else ""
    return f"{_form(subject)} refused {several(found.clicks, 'attempt')}{last}"


def _failed_to_answer(found: Facts, subject: str) -> str:
    return f"{subject} had {several(found.clicks, 'failed request')}{_last('was', found)}, met"


def _kept_throwing(found: Facts, subject: str) -> str:
    error = f"“{plain(found.detail, _TEXT)}”" if found.detail else "an error"
    return f"{subject} threw {error} {_times(found.clicks)}, met"


def _was_abandoned(found: Facts, subject: str) -> str:
    return f"{_form(subject)} was begun and left unsent {_times(found.signals)}{_last('after', found)}"


def _was_struggled_with(found: Facts, subject: str) -> str:
    return f"{subject} was filled in anew or emptied {_times(found.clicks)}"


def _found_nothing(found: Facts, subject: str) -> str:
    return f"{subject} was searched {_times(found.clicks)} without a click on a result"


def _was_scrolled_to_and_fro(found: Facts, subject: str) -> str:
    return f"{subject} was scrolled to and fro {_times(found.clicks)}"


def _was_left_for_other_tabs(found: Facts, subject: str) -> str:
    return f"{_form(subject)} was left for other tabs {_times(found.clicks)} while it was filled in"


def _was_copied(found: Facts, subject: str) -> str:
    return f"{subject} was copied {_times(found.clicks)} just after it appeared"


def _form(subject: str) -> str:
    """A form's name at the beginning of a sentence: its selector is no element's, and its label not its text."""
    subject = subject.replace("The element ", "The form ", 1) if subject.startswith("The element ") else subject
    return subject if subject.startswith("The form ") else f"The form {subject}"


def _gave_signals(found: Facts, subject: str) -> str:
    counts = [f"{count} {_words(kind).one if count == 1 else _words(kind).several}" for kind, count in found.kinds]
    return f"{subject} had {' and '.join(counts) or 'no signal'}"


_WORDS = {
    "rage_click": _Words("rage click", "rage clicks", _did_not_answer),
    "dead_click": _Words("dead click", "dead clicks", _did_not_answer),
    "slow_click": _Words("slow click", "slow clicks", _was_slow),
    "error_click": _Words("click that caused an error", "clicks that caused errors", _caused_an_error),
    "form_retry": _Words("form that kept failing", "forms that kept failing", _kept_failing),
    "slow_interaction": _Words("slow interaction", "slow interactions", _was_slow_to_paint),
    "layout_jump": _Words("layout jump", "layout jumps", _moved),
    "quick_back": _Words("quick back", "quick backs", _was_left_at_once),
    "page_loop": _Words("page loop", "page loops", _went_round),
    "reload_burst": _Words("reload burst", "reload bursts", _was_reloaded),
    "thrashed_cursor": _Words("thrashed cursor", "thrashed cursors", _pointer_was_shaken),
    "zoom_struggle": _Words("zoom struggle", "zoom struggles", _was_zoomed),
    "request_failures": _Words("run of failed requests", "runs of failed requests", _failed_to_answer),
    "error_burst": _Words("error burst", "error bursts", _kept_throwing),
    "form_abandoned": _Words("abandoned form", "abandoned forms", _was_abandoned),
    "field_struggle": _Words("field struggle", "field struggles", _was_struggled_with),
    "repeated_search": _Words("repeated search", "repeated searches", _found_nothing),
    "scroll_thrash": _Words("scroll thrash", "scroll thrashes", _was_scrolled_to_and_fro),
    "tab_switching": _Words("tab switching", "tab switchings", _was_left_for_other_tabs),
    "copied_error": _Words("copied error", "copied errors", _was_copied),
}
_MIXED = _Words("signal", "signals", _gave_signals)


def _words(kind: str) -> _Words:
    name = kind.replace("_", " ")
    return _WORDS.get(kind) or _Words(name, f"{name}s", _gave_signals)


def _last(word: str, found: Facts) -> str:
    """What the last signal said, in brackets: (last after 1,200 ms)."""
    return f" (last {word} {plain(found.detail, _TEXT)})" if found.detail else ""


def _within(name: str) -> str:
    """The name of an element or page in the middle of a sentence."""
    return f"the {name[4:]}" if name.startswith("The ") else name


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _bound(rule: Rule) -> str:
    units = {"signals": "signal", "sessions": "session", "users": "identified user"}
    if rule.metric == "share":
        bound = f"{percent(rule.at_least)} of the sessions"
    else:
        bound = several(rule.at_least, units[rule.metric])
    if rule.factor_percent:
        bound += f" and {rule.factor_percent} % of the number {spell(rule.earlier_ms)} before"
    if rule.breaches_among > 1:
        bound += f", in {rule.breaches_needed} of {rule.breaches_among} verdicts"
    return bound
