"""What a tick has to write: the difference between the signals stored and those computed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.detection.hiding import NOTHING_HIDDEN, HidingByProject, hidden_by
from apps.detection.signal import Signal


@dataclass(frozen=True, slots=True)
class Change:
    """A signal's new state.

    Retracted: it does not count; its row says what it was. Because later events contradict it, or because the
    suppression `suppressed_by` (0: none) hides it.
    """

    signal: Signal
    retracted: bool
    suppressed_by: int = 0


def changes(
    *, stored: Iterable[Change], computed: Iterable[Signal], hidings: HidingByProject = NOTHING_HIDDEN
) -> list[Change]:
    """The rows to write so that exactly `computed`, without what is hidden, stand; given the latest row of each signal.

    New and changed signals are written as they are now, vanished and hidden ones as retracted. Nothing is to be written
    for a signal that is stored as computed, or that was retracted and is still gone. Ordered by signal id, so that a
    replay writes alike.
    """
    latest = {change.signal.signal_id: change for change in stored}
    now = {signal.signal_id: _state(signal, hidings) for signal in computed}
    written = {signal_id: state for signal_id, state in now.items() if latest.get(signal_id) != state}
    written |= {
        signal_id: Change(change.signal, retracted=True)
        for signal_id, change in latest.items()
        if signal_id not in now and not change.retracted
    }
    return [written[signal_id] for signal_id in sorted(written)]


def _state(signal: Signal, hidings: HidingByProject) -> Change:
    suppressed_by = hidden_by(signal, hidings.get(signal.project_id, ()))
    return Change(signal, retracted=suppressed_by != 0, suppressed_by=suppressed_by)
