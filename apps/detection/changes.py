"""What a tick has to write: the difference between the signals stored and those computed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.detection.signal import Signal


@dataclass(frozen=True, slots=True)
class Change:
    """A signal's new state. Retracted: later events contradict it; its row says what it was."""

    signal: Signal
    retracted: bool


def changes(*, stored: Iterable[Change], computed: Iterable[Signal]) -> list[Change]:
    """The rows to write so that exactly `computed` stand, given the latest row of each signal of the same sessions.

    New and changed signals are written as they are now, vanished ones as retracted. Nothing is to be written for a
    signal that stands as computed, or that was retracted and is still gone. Ordered by signal id, so that a replay
    writes alike.
    """
    latest = {change.signal.signal_id: change for change in stored}
    now = {signal.signal_id: signal for signal in computed}
    written = {
        signal_id: Change(signal, retracted=False)
        for signal_id, signal in now.items()
        if latest.get(signal_id) != Change(signal, retracted=False)
    }
    written |= {
        signal_id: Change(change.signal, retracted=True)
        for signal_id, change in latest.items()
        if signal_id not in now and not change.retracted
    }
    return [written[signal_id] for signal_id in sorted(written)]
