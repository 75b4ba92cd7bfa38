"""What all orders of arrival must agree on."""

from collections.abc import Sequence

from apps.thresholds.evaluation import Rule, Status, status_of
from apps.thresholds.windows import Span


def breached_spans(rule: Rule, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The stretches of breached windows by event time, (first end, last end) in ms. Depends on the events alone."""
    return [(span.first_end_ms, span.last_end_ms) for span in spans if status_of(rule, span) is Status.BREACHED]
