"""The invariants: what must hold after every fault."""

from collections.abc import Iterable, Sequence
from typing import Any

from apps.clickhouse.client import ClickHouseError
from apps.events import timeline
from bench.faults.client import Ledger
from bench.faults.reading import Reading, as_read
from bench.faults.visits import Visit, expected_incidents, expected_signals

READABLE = "acknowledged readable"
ONCE = "each once"
SENT = "as sent"
INCIDENTS = "incidents"
CAPS = "caps"
THROUGH = "through"
ANSWERS = "answers"
INVARIANTS = (READABLE, ONCE, SENT, INCIDENTS, CAPS, THROUGH, ANSWERS)

Violations = dict[str, list[str]]
# Sessions whose timeline is read as a person would.
_TIMELINES = 3


def check(reading: Reading, visits: Sequence[Visit], ledger: Ledger, *, project_id: int) -> Violations:
    """What the stores of a settled product say that they must not, by invariant."""
    events = reading.events(project_id)
    wanted = {(visit.page, n): as_read(visit.session, visit.events[n]) for visit in visits for n in visit.events}
    found: Violations = {}
    _say(found, READABLE, "acknowledged and not readable", ledger.acknowledged - events.keys())
    _say(found, SENT, "readable and never sent", events.keys() - ledger.sent)
    _say(found, SENT, "other than sent", {key for key, row in events.items() if key in wanted and row != wanted[key]})
    _say(found, ONCE, "stored with different contents", reading.differing_copies(project_id))
    _check_timelines(found, visits, project_id)
    if ledger.acknowledged == wanted.keys():
        _check_outcome(found, reading, visits, project_id)
    else:
        _say(found, INCIDENTS, "never acknowledged, nothing to compare", wanted.keys() - ledger.acknowledged)
    return found


def _check_timelines(found: Violations, visits: Sequence[Visit], project_id: int) -> None:
    for visit in visits[:_TIMELINES]:
        try:
            shown = timeline.read(project_id=project_id, session_id=visit.session, around=None, signals={})
        except ClickHouseError as error:
            _say(found, ONCE, "the timeline cannot be read", [f"{visit.session}: {error}"])
            continue
        ns = [entry.n for view in shown.page_views for entry in view.entries]
        if ns != sorted(visit.events):
            _say(found, ONCE, "the timeline shows other events", [f"{visit.session}: {ns}"])


def _check_outcome(found: Violations, reading: Reading, visits: Sequence[Visit], project_id: int) -> None:
    """Signals and incidents as without any fault: as the rules' references give them."""
    signals = reading.signals(project_id)
    expected = expected_signals(visits, project_id=project_id)
    _say(found, INCIDENTS, "signals missing", expected - set(signals))
    _say(found, INCIDENTS, "signals too many", set(signals) - expected)
    if len(signals) != len(set(signals)):
        _say(found, ONCE, "signals that stand twice", [len(signals) - len(set(signals))])
    incidents = reading.incidents(project_id)
    places = [(route, element) for route, element, _, _ in incidents]
    wanted = expected_incidents(visits, project_id=project_id)
    _say(found, INCIDENTS, "incidents missing", wanted - set(places))
    _say(found, INCIDENTS, "incidents too many", set(places) - wanted)
    if len(places) != len(set(places)):
        _say(found, INCIDENTS, "incidents that opened twice", [len(places) - len(set(places))])
    odd = [incident for incident in incidents if incident[2:] != ("open", 1)]
    _say(found, INCIDENTS, "incidents that did not simply open", odd)


def _say(found: Violations, invariant: str, what: str, items: Iterable[Any]) -> None:
    listed = sorted(items, key=str)
    if listed:
        examples = ", ".join(str(item) for item in listed[:3])
        found.setdefault(invariant, []).append(f"{len(listed)} {what}, such as {examples}")
