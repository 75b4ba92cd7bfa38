"""Generated sessions: few elements, close times, values on and beside the rules' limits, copies stored more than once.

Everything is drawn from a `Random`, so that the same generator serves Hypothesis (whose Random shrinks) and large
seeded runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from apps.detection.catalog import RULES
from apps.detection.definition import Value
from apps.detection.interactions import Event
from apps.detection.parameters import Overrides
from tests.conftest import NOW_MS
from tests.detection.sessions import ORIGIN_MS

LARGEST_UINT32 = 4_294_967_295


@dataclass(frozen=True)
class Theme:
    """What a page view is mostly made of, so that every rule is met often: event types, and ms between events."""

    types: Sequence[str]
    steps_ms: Sequence[int]
    unanswered: float = 0.5
    # How often it is chosen beside the others.
    weight: int = 2
    # How many events it may have, and how often the last of them is that the page was left.
    counts: Sequence[int] = (0, 1, 8, 16, 24, 24)
    leaves: float = 0.4
    # How often a request is what a click has sent, or the one before, sent again at about its end.
    again: float = 0


THEMES = (
    Theme(["click"] * 9 + ["error"], [0, 1, 99, 200, 333, 334, 499, 500, 501], unanswered=0.9, weight=9),
    Theme(
        ["click", "click", "error", "error", "request"],
        [0, 1, 200, 500, 999, 1000, 1001, 3000, 9000, 9999, 10_000],
        weight=1,
    ),
    # What fails and is sent again.
    Theme(
        ["click", "request", "request"],
        [0, 1, 1, 200, 4999, 5000, 5001],
        weight=3,
        counts=(3, 4, 6),
        leaves=0,
        again=0.7,
    ),
    Theme(["submit"] * 6 + ["click"], [0, 1, 20_000, 39_999, 40_000, 59_999, 60_000, 60_001, 120_000], unanswered=0.5),
    Theme(["click", "error", "request", "submit", "leave", "field"], [0, 1, 500, 1000, 10_001, 60_000]),
    # What people do without a click, and the pages that they see.
    Theme(
        ["pointer", "interaction", "zoom", "zoom", "zoom", "scroll", "copy"], [0, 1, 1000, 4999, 5000, 5001], weight=3
    ),
    # Messages that are copied, some of them long after the page was opened, and soon after something has failed.
    Theme(["copy"] * 4 + ["error", "request", "submit"], [0, 1, 15_000, 29_999, 30_000, 30_001, 60_000], weight=1),
    Theme(["page"] * 24 + ["click", "submit", "field"], [0, 1, 2500, 4999, 5000, 5001, 7499, 7500, 7501], weight=6),
    # Pages that are hardly used, before somebody goes back to a document that is loaded anew.
    Theme(["page", "field", "click", "submit"], [0, 1, 2500, 4999, 5000], weight=5, counts=(1, 1, 2, 2, 3), leaves=0),
    # Looking for something: on one page, and by one query after another.
    Theme(["scroll"], [0, 1, 1, 999, 1000, 1666, 1667], weight=4),
    Theme(
        ["submit", "submit", "field", "field", "click"],
        [0, 1, 499, 500, 501, 1000, 20_000, 29_999, 30_000, 60_000, 60_001],
        weight=11,
    ),
    # Filling in forms, here and with looks elsewhere; and leaving them.
    Theme(["field"] * 12 + ["page", "request", "submit"], [0, 1, 1000, 15_000, 19_999, 20_000, 60_000], weight=3),
    Theme(["return"] * 7 + ["field"] * 4 + ["submit"], [0, 1, 1000, 10_000, 19_999, 20_000, 60_001], weight=4),
    # What fails by itself, with somebody there or not.
    Theme(
        ["request"] * 9 + ["leave", "click", "click"],
        [0, 1, 1000, 3333, 4999, 5000, 9999, 10_000, 10_001],
        weight=5,
    ),
    # A failure or two, and then the page is left.
    Theme(["request"], [0, 1, 4999, 5000, 9999, 10_000, 10_001], counts=(2, 3, 4), leaves=0.9),
    Theme(["error"] * 8 + ["leave", "return", "field", "click"], [0, 1, 1000, 3333, 4999, 5000, 9999, 10_000, 10_001]),
)
ANSWERS_MS = (0, 1, 499, 500, 501, 2499, 2500, 2501, LARGEST_UINT32)
ANSWER_KINDS = ("mut", "req", "nav", "sel", "bg", "err", "focus")
ELEMENTS = ("button.pay", "button.pay", "button.pay", "a.next", "", "form#coupon")
CLICKED = (*ELEMENTS, *ELEMENTS, "table > tr:nth-child(2)")
FIELDS = ("input#coupon",) * 5 + ("div > textarea[name=note]", "select:nth-child(2)", "")
FORMS = ("form#coupon", "form#coupon", "form#coupon", "form#coupon", "form#coupon", "form.Site-Search é", "")
COORDINATES = (0, 0, 0, 18, 24, 30, 31, 48, -2_147_483_648, 2_147_483_647)
STATUSES = (None, 0, 199, 200, 302, 399, 400, 422, 422, 422, 422, 499, 500, 503, 600)
REQUEST_STATUSES = (None, 0, 0, 199, 200, 399, 400, 499, 500, 500, 503, 600)
LABELS = ("", "", "Pay", "Bezahlen é", "a'b\\c\n%s")
DURATIONS_MS = (0, 1, 2, 200, 201, 500, 501, 1000, 1001, LARGEST_UINT32)
VISITS_MS = (0, 1, 1000, 9_999, 10_000, 10_001, 20_000, 59_999, 60_000, 60_001, LARGEST_UINT32)
ROLES = ("", "", "button", "search", "search", "row", "log")
# Of the types that are not named here: what a submit, a request and an error say.
SUBTYPES = {
    "page": ("load", "load", "reload", "reload", "push", "push", "replace", "back", "bfcache"),
    "field": ("",) * 11 + ("replace",),
    "interaction": ("pointer", "key"),
    "request": ("GET", "POST"),
    "leave": ("", "", "reload"),
}
OTHER_SUBTYPES = ("submit", "submit", "invalid", "POST")
ROUTES = ("/checkout",) * 9 + ("/cart",)
# The route before, where there was one; on page events it stands in the place of an error's message.
PAGE_ROUTES = ("/checkout", "/checkout", "/checkout", "/cart")
BEFORE = ("/checkout", "/cart", "/cart", "/cart", "")
MESSAGES = {"page": BEFORE, "request": ("/api/pay", "/api/pay", "https://elsewhere.example/")}
# What belongs to single types (docs/wire.md): elsewhere the columns are 0, whatever an event says.
OWN_NUMBERS: dict[str, dict[str, Sequence[int | None]]] = {
    "click": {"shift_px": (0, 0, 0, 0, 0, 0, 0, 0, 19, 20, 21, LARGEST_UINT32), "shift_ago_ms": (0, 1, 499, 500, 501)},
    "field": {"edits": (0, 1, 2), "clears": (0, 1, 2)},
    "pointer": {"turns": (5, 9, 10, 11, LARGEST_UINT32), "distance_px": (0, 599, 600, 601, 2_147_483_647)},
    "scroll": {"distance_px": (100, 299, 300, 300, 300, 301, -299, -300, -300, -300, -301, -2_147_483_648)},
    "zoom": {"scale": (100, 150, 250)},
    "copy": {"age_ms": (None, 0, 29_999, 30_000, 30_001)},
}


def session(random: Random, *, project_id: int, session_id: str) -> list[Event]:
    """One session of one to five page views, in the order of storing it: none in particular."""
    events: list[Event] = []
    for page_number in range(random.randint(1, 5)):
        # Most page views begin together, so that ts ties across them; others begin where the one before ended, and with
        # a page event.
        follows = bool(events) and random.random() < 0.4
        begins_ms = ORIGIN_MS + random.choice((0, 0, 1, 60_000))
        if follows:
            begins_ms = events[-1].ts_ms + random.choice((0, 0, 1, 500, 2500, 4999, 5000, 5001))
        page_view = _page_view(
            random, project_id=project_id, session_id=session_id, page_id=f"page-{page_number}", begins_ms=begins_ms
        )
        if follows and page_view:
            page_view[0] = replace(page_view[0], **_page(random))
        events += page_view
    if events:
        events += [_copy(random, random.choice(events)) for _ in range(random.choice((0, 0, 1, 2, 6)))]
    random.shuffle(events)
    return events


def overrides(random: Random, projects: Sequence[int]) -> Overrides:
    """Some projects' own parameters: numbers beside the defaults, and other lists."""
    return {
        rule.definition.name: {
            project_id: {
                parameter.name: _own(random, parameter.default, parameter.least)
                for parameter in rule.definition.parameters
                if random.random() < 0.4
            }
            for project_id in projects
            if random.random() < 0.4
        }
        for rule in RULES
    }


def _page_view(random: Random, *, project_id: int, session_id: str, page_id: str, begins_ms: int) -> list[Event]:
    (theme,) = random.choices(THEMES, [theme.weight for theme in THEMES])
    t = random.choice((0, 0, 700, LARGEST_UINT32 - 200_000))
    origin_ms = begins_ms - t
    events = []
    count = random.choice(theme.counts)
    for n in range(count):
        t = min(t + random.choice(theme.steps_ms), LARGEST_UINT32)
        # Many end as a page does that somebody leaves.
        ends = n == count - 1 and random.random() < theme.leaves
        type = "leave" if ends else random.choice(theme.types)  # noqa: A001 the column's name
        own: dict[str, Any] = {name: random.choice(told) for name, told in OWN_NUMBERS.get(type, {}).items()}
        events.append(
            Event(
                project_id=project_id,
                session_id=session_id,
                page_id=page_id,
                # n follows t in an honest page view; no rule may lean on it.
                n=n if random.random() < 0.8 else 1000 - n,
                t=t,
                ts_ms=origin_ms + t,
                stored_at_ms=NOW_MS - random.randint(5_000, 60_000),
                type=type,
                evaluable=random.random() < 0.97,
                route=random.choice(PAGE_ROUTES if type == "page" else ROUTES),
                environment=random.choice(("production", "staging")),
                release=random.choice(("1.0", "1.1")),
                device=random.choice(("desktop", "mobile")),
                user_id=random.choice(("", "user-1")),
                element=random.choice({"field": FIELDS, "click": CLICKED}.get(type, ELEMENTS)),
                element_role=random.choice(ROLES),
                element_label=random.choice(LABELS),
                element_kind=random.choice(("", "", "", "", "link", "text", "newtab", "select")),
                clickable=random.random() < 0.8,
                x=random.choice(COORDINATES),
                y=random.choice(COORDINATES),
                answers=_answers(random, unanswered=theme.unanswered),
                observed_ms=random.choice((2500, 2500, 2500, 2500, 0, 499, 500, 2499)),
                subtype=random.choice(SUBTYPES.get(type, OTHER_SUBTYPES)),
                status=random.choice(REQUEST_STATUSES if type == "request" else STATUSES),
                duration_ms=random.choice(VISITS_MS if type == "field" else DURATIONS_MS),
                error_group=random.choice(("g1", "g1", "g1", "g2")),
                message=random.choice(MESSAGES.get(type, LABELS)),
                form=random.choice(FORMS),
                retention_days=random.choice((30, 90)),
                **own,
            )
        )
        if type == "request" and n and random.random() < theme.again:
            events[-1] = _again(random, events[-1], events[-2])
    return events


def _again(random: Random, request: Event, before: Event) -> Event:
    """`request` as what a click has sent, or as the request before it, sent once more when that had ended."""
    is_first = before.type == "click"
    return replace(
        request,
        subtype="POST" if is_first else before.subtype,
        message="/api/pay" if is_first else before.message,
        status=random.choice((0, 499, 500, 503) if is_first else (200, 200, 399, 400, 500)),
        duration_ms=max(0, request.t - before.t + random.choice((-1, 0, 1, 2))),
    )


def _page(random: Random) -> dict[str, Any]:
    """What makes an event one of type page, whatever it was."""
    own = {name: None if name == "age_ms" else 0 for told in OWN_NUMBERS.values() for name in told}
    subtype, route, message = (random.choice(told) for told in (SUBTYPES["page"], PAGE_ROUTES, BEFORE))
    return {**own, "type": "page", "subtype": subtype, "route": route, "message": message}


def _answers(random: Random, *, unanswered: float) -> dict[str, int]:
    if random.random() < unanswered:
        return {}
    return {random.choice(ANSWER_KINDS): random.choice(ANSWERS_MS) for _ in range(random.randint(1, 3))}


def _copy(random: Random, event: Event) -> Event:
    """The same event stored again: a little earlier, later or in the same ms; sometimes with other facts."""
    stored_at_ms = event.stored_at_ms + random.choice((-2000, -1, 0, 1, 2000))
    if random.random() < 0.7:
        return replace(event, stored_at_ms=stored_at_ms)
    changed: dict[str, Any] = random.choice(
        (
            {"t": event.t ^ 1, "observed_ms": 1, "x": 7},
            _page(random),
            {"answers": {random.choice(ANSWER_KINDS): random.choice(ANSWERS_MS)}},
            {"status": random.choice(STATUSES)},
            {"subtype": random.choice(OTHER_SUBTYPES), "duration_ms": random.choice(DURATIONS_MS)},
            {"element_label": "Abort", "user_id": "user-2"},
            {"form": random.choice(FORMS), "route": random.choice(ROUTES)},
            {name: random.choice(told) for name, told in OWN_NUMBERS.get(event.type, {}).items()},
        )
    )
    return replace(event, stored_at_ms=stored_at_ms, **changed)


def _own(random: Random, default: Value, least: int) -> Value:
    if isinstance(default, tuple):
        return random.choice(((), default[:2], ("mut", "text")))
    return max(least, default + random.choice((-1, 0, 1, 1000)))
