"""Rows for tests: the cast, their projects and thresholds, and signals.

The cast is the same everywhere. **Alice** owns an organization, **Bob** triages in it, and **Charlie** is nobody there:
he owns an organization of his own, and whatever belongs to Alice's must stay invisible to him.
"""

from tests.factories.events import EventRow, dead_clicks, store_events
from tests.factories.people import Cast, make_cast, make_project
from tests.factories.presences import PresenceRow, store_presences
from tests.factories.signals import SignalRow, store_signals
from tests.factories.thresholds import make_threshold

__all__ = [
    "Cast",
    "EventRow",
    "PresenceRow",
    "SignalRow",
    "dead_clicks",
    "make_cast",
    "make_project",
    "make_threshold",
    "store_events",
    "store_presences",
    "store_signals",
]
