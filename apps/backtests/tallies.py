"""How many of something the windows of many neighbouring ends hold, all ends at once. Pure: no Django, driver or clock.

`thresholds.windows.slide` says the same, window by window (tests/backtests/test_tallies.py).
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from apps.thresholds.evaluation import PER_MILLE, Rule
from apps.thresholds.exposure import Exposure
from apps.thresholds.windows import GRID_MS, NEVER_MS, Ends, Point, Step

Numbers: TypeAlias = npt.NDArray[np.int64]


def values(rule: Rule, points: Sequence[Point], exposure: Exposure, ends: Ends) -> Numbers:
    """The rule's number at each of `ends`, by all `points` and by all that came to be known of the exposure."""
    cells = [point.cell_ms for point in points]
    match rule.metric:
        case "signals":
            weights = np.array([point.signals for point in points], np.int64)
            first = _places(cells, ends) + 1
            return _totals(first, first + rule.window_ms // GRID_MS, weights, ends)
        case "sessions":
            return _distinct([point.session_id for point in points], cells, rule, ends)
        case "users":
            identified = [point for point in points if point.user_id]
            return _distinct(
                [point.user_id for point in identified], [point.cell_ms for point in identified], rule, ends
            )
        case "share":
            sessions = _distinct([point.session_id for point in points], cells, rule, ends)
            return share(sessions, exposed(exposure, rule, ends))


def share(sessions: Numbers, of: Numbers) -> Numbers:
    """Sessions in 1,000 of those exposed, rounded down: `evaluation.metric_value` for many windows at once."""
    return PER_MILLE * sessions // whole(sessions, of)


def whole(sessions: Numbers, of: Numbers) -> Numbers:
    """What sessions are a share of, never 0, so that no share is above 1,000."""
    return np.maximum(np.maximum(of, sessions), 1)


def exposed(exposure: Exposure, rule: Rule, ends: Ends) -> Numbers:
    """The exposure's sessions at each of `ends`, by all that ever came to be known of them."""
    return levels(
        exposure.steps(window_ms=rule.window_ms, first_ms=ends.first, last_ms=ends.last, as_of_ms=NEVER_MS), ends
    )


def levels(steps: Sequence[Step], ends: Ends) -> Numbers:
    """The sum of the steps up to each of `ends`. None of `steps` lies before or after them."""
    changes = np.zeros((ends.last - ends.first) // GRID_MS + 1, np.int64)
    np.add.at(changes, _places([step.end_ms for step in steps], ends), [step.change for step in steps])
    return np.cumsum(changes)


def _distinct(names: Sequence[str], cells_ms: Sequence[int], rule: Rule, ends: Ends) -> Numbers:
    """How many different names there are in each window; `cells_ms` says where each is."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
    cells = _places(cells_ms, ends)
    in_order = np.lexsort((cells, codes))
    codes, cells = codes[in_order], cells[in_order]
    window = rule.window_ms // GRID_MS
    # It is in the windows of the next cell still: it does not leave, and so it does not enter.
    stays = (np.diff(codes) == 0) & (np.diff(cells) <= window)
    entering, leaving = cells[np.append(True, ~stays)[: len(cells)]], cells[np.append(~stays, True)[: len(cells)]]
    return _totals(entering + 1, leaving + 1 + window, np.ones(len(entering), np.int64), ends)


def _places(times_ms: Sequence[int], ends: Ends) -> Numbers:
    """Where on the grid these times lie, 0 at the first of `ends`."""
    return (np.array(times_ms, np.int64) - ends.first) // GRID_MS


def _totals(first: Numbers, until: Numbers, weights: Numbers, ends: Ends) -> Numbers:
    """The sum of the weights of the stretches [first, until) of places that hold each of `ends`."""
    size = (ends.last - ends.first) // GRID_MS + 1
    changes = np.zeros(size + 1, np.int64)
    np.add.at(changes, np.clip(first, 0, size), weights)
    np.add.at(changes, np.clip(until, 0, size), -weights)
    return np.cumsum(changes[:-1])
