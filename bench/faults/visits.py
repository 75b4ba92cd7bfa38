"""What the client sends: visits by seed, cut into deliveries, and what the rules make of them. Pure.

Some elements are planted with as many angry sessions as open an incident, others with one session fewer, so that a
single lost or invented event changes the outcome.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any

from apps.detection.catalog import RULES
from apps.detection.interactions import Event

# Sessions with a rage click that open an incident of one element.
AT_LEAST = 3
# ms before the start of the load at which every page was opened, so that all events lie in the past.
PAGE_AGE_MS = 60_000
_ELEMENTS = 8
_ROUTES = ("/cart", "/checkout", "/search")

Wire = dict[str, Any]
# (page view, n)
Key = tuple[str, int]


@dataclass(frozen=True)
class Visit:
    """One session with one page view. `events` as they stand on the wire, by n."""

    session: str
    page: str
    events: dict[int, Wire]

    def keys(self) -> set[Key]:
        """Its events' identities."""
        return {(self.page, n) for n in self.events}


@dataclass(frozen=True)
class Delivery:
    """The events `ns` of a visit, to be sent together `at` seconds after the load began."""

    at: float
    visit: Visit
    ns: tuple[int, ...]


@dataclass(frozen=True)
class FoundSignal:
    """What of a signal must be the same whenever and however often its events arrive."""

    kind: str
    session: str
    page: str
    n: int
    count: int
    events: tuple[Key, ...]


def make_visits(random: Random, *, run: str, sessions: int) -> list[Visit]:
    """`sessions` visits of some twenty events each. `run` makes their ids those of this run."""
    angry = []
    for number in range(_ELEMENTS):
        place = (_ROUTES[number % len(_ROUTES)], f"button[data-testid=b{number}]")
        angry += [place] * (AT_LEAST if number % 2 else AT_LEAST - 1)
    places = [*angry, *[None] * max(0, sessions - len(angry))]
    random.shuffle(places)
    return [_visit(random, f"{run}-{number:04d}", place) for number, place in enumerate(places)]


def make_probe(run: str) -> Visit:
    """A visit with a rage click on an element of its own: too few for an incident, enough for a signal."""
    return _visit(Random(run), f"{run}-probe", ("/probe", "button[data-testid=probe]"))


def _visit(random: Random, name: str, place: tuple[str, str] | None) -> Visit:
    route = place[0] if place else random.choice(_ROUTES)
    events: list[Wire] = [{"t": 0, "type": "page", "nav": "load", "route": route}]
    t = 1_000
    for _ in range(random.randrange(12, 20)):
        t += random.randrange(700, 2_000)
        events.append(_click(random, t, route, f"a[data-testid=l{random.randrange(30)}]", {"mut": 40}))
    if place:
        t += 3_000
        for _ in range(random.randrange(4, 7)):
            t += random.randrange(120, 250)
            events.append(_click(random, t, route, place[1], {}))
    numbered = {n: {"n": n, **event} for n, event in enumerate(events, start=1)}
    return Visit(session=f"session-{name}", page=f"page-view-{name}", events=numbered)


def _click(random: Random, t: int, route: str, element: str, after: dict[str, int]) -> Wire:
    return {
        "t": t,
        "type": "click",
        "route": route,
        "el": {"sel": element, "role": "button", "label": "Go", "click": True},
        "x": random.randrange(1440),
        "y": random.randrange(900),
        "after": after,
        "bg": 0.0,
        "observed": 3_000,
    }


def spread(random: Random, visits: Iterable[Visit], *, seconds: float) -> list[Delivery]:
    """Each visit in two or three deliveries somewhere within `seconds`, in order within the visit."""
    deliveries = []
    for visit in visits:
        times = sorted(random.uniform(0, seconds) for _ in range(random.choice((2, 3))))
        deliveries += [
            Delivery(at, visit, ns) for at, ns in zip(times, _cut(random, visit, len(times)), strict=True) if ns
        ]
    return sorted(deliveries, key=lambda delivery: delivery.at)


def duplicated(random: Random, deliveries: Collection[Delivery]) -> list[Delivery]:
    """With copies of half of them, sent at the same time or up to two seconds later."""
    copies = [
        Delivery(each.at + random.choice((0.0, 0.0, random.uniform(0, 2))), each.visit, each.ns)
        for each in deliveries
        if random.random() < 0.5
    ]
    return sorted([*deliveries, *copies], key=lambda delivery: delivery.at)


def regrouped(random: Random, deliveries: Collection[Delivery]) -> list[Delivery]:
    """With the same events once more for half of the visits, cut elsewhere and in any order."""
    again = []
    last = {each.visit.page: each for each in deliveries}
    for each in last.values():
        if random.random() < 0.5:
            again += [
                Delivery(each.at + random.uniform(-1, 1), each.visit, tuple(random.sample(ns, len(ns))))
                for ns in _cut(random, each.visit, random.randrange(1, 5))
                if ns
            ]
    return sorted([*deliveries, *again], key=lambda delivery: delivery.at)


def reordered(random: Random, deliveries: Collection[Delivery]) -> list[Delivery]:
    """With their times dealt out anew."""
    times = [each.at for each in deliveries]
    random.shuffle(times)
    moved = [Delivery(at, each.visit, each.ns) for at, each in zip(times, deliveries, strict=True)]
    return sorted(moved, key=lambda delivery: delivery.at)


def _cut(random: Random, visit: Visit, parts: int) -> list[tuple[int, ...]]:
    ns = sorted(visit.events)
    cuts = sorted(random.randrange(len(ns) + 1) for _ in range(parts - 1))
    return [tuple(ns[begin:end]) for begin, end in zip([0, *cuts], [*cuts, len(ns)], strict=True)]


def expected_signals(visits: Iterable[Visit], *, project_id: int) -> set[FoundSignal]:
    """What the rules' references find in `visits`."""
    return {
        FoundSignal(signal.kind, signal.session_id, signal.page_id, signal.n, signal.count, signal.events)
        for visit in visits
        for rule in RULES
        for signal in rule.reference(_as_read(visit, project_id), rule.definition.values())
    }


def expected_incidents(visits: Iterable[Visit], *, project_id: int) -> set[tuple[str, str]]:
    """The (route, element) of the incidents that "rage clicks of at least AT_LEAST sessions" must open."""
    clicked = {
        (signal.session, visit.events[signal.n]["route"], visit.events[signal.n]["el"]["sel"])
        for visit in visits
        for signal in expected_signals([visit], project_id=project_id)
        if signal.kind == "rage_click"
    }
    sessions = Counter((route, element) for _, route, element in clicked)
    return {place for place, number in sessions.items() if number >= AT_LEAST}


def _as_read(visit: Visit, project_id: int) -> list[Event]:
    return [
        Event(
            project_id=project_id,
            session_id=visit.session,
            page_id=visit.page,
            n=n,
            t=event["t"],
            ts_ms=event["t"],
            stored_at_ms=0,
            type=event["type"],
            route=event["route"],
            element=event.get("el", {}).get("sel", ""),
            clickable="el" in event,
            x=event.get("x", 0),
            y=event.get("y", 0),
            answers=event.get("after", {}),
            observed_ms=event.get("observed", 0),
        )
        for n, event in visit.events.items()
    ]
