"""Every signal that Irk knows. Pure: no Django, no driver, no clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from apps.detection.copied_error import definition as copied_error
from apps.detection.copied_error import reference as copied_error_reference
from apps.detection.dead_click import definition as dead_click
from apps.detection.dead_click import reference as dead_click_reference
from apps.detection.definition import Definition, Value
from apps.detection.error_burst import definition as error_burst
from apps.detection.error_burst import reference as error_burst_reference
from apps.detection.error_click import definition as error_click
from apps.detection.error_click import reference as error_click_reference
from apps.detection.field_struggle import definition as field_struggle
from apps.detection.field_struggle import reference as field_struggle_reference
from apps.detection.form_abandoned import definition as form_abandoned
from apps.detection.form_abandoned import reference as form_abandoned_reference
from apps.detection.form_retry import definition as form_retry
from apps.detection.form_retry import reference as form_retry_reference
from apps.detection.interactions import Event
from apps.detection.layout_jump import definition as layout_jump
from apps.detection.layout_jump import reference as layout_jump_reference
from apps.detection.page_loop import definition as page_loop
from apps.detection.page_loop import reference as page_loop_reference
from apps.detection.quick_back import definition as quick_back
from apps.detection.quick_back import reference as quick_back_reference
from apps.detection.rage_click import definition as rage_click
from apps.detection.rage_click import reference as rage_click_reference
from apps.detection.reload_burst import definition as reload_burst
from apps.detection.reload_burst import reference as reload_burst_reference
from apps.detection.repeated_search import definition as repeated_search
from apps.detection.repeated_search import reference as repeated_search_reference
from apps.detection.request_failures import definition as request_failures
from apps.detection.request_failures import reference as request_failures_reference
from apps.detection.scroll_thrash import definition as scroll_thrash
from apps.detection.scroll_thrash import reference as scroll_thrash_reference
from apps.detection.signal import Signal
from apps.detection.slow_click import definition as slow_click
from apps.detection.slow_click import reference as slow_click_reference
from apps.detection.slow_interaction import definition as slow_interaction
from apps.detection.slow_interaction import reference as slow_interaction_reference
from apps.detection.tab_switching import definition as tab_switching
from apps.detection.tab_switching import reference as tab_switching_reference
from apps.detection.thrashed_cursor import definition as thrashed_cursor
from apps.detection.thrashed_cursor import reference as thrashed_cursor_reference
from apps.detection.zoom_struggle import definition as zoom_struggle
from apps.detection.zoom_struggle import reference as zoom_struggle_reference

# One session's events, each once (`first_copies`), and the parameters' values → the session's signals, in no order.
Reference: TypeAlias = Callable[[Sequence[Event], Mapping[str, Value]], list[Signal]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A definition and its reference. Its SQL is the file query.sql in the folder of the definition's name."""

    definition: Definition
    reference: Reference


RULES = (
    Rule(rage_click.DEFINITION, rage_click_reference.detect),
    Rule(dead_click.DEFINITION, dead_click_reference.detect),
    Rule(slow_click.DEFINITION, slow_click_reference.detect),
    Rule(error_click.DEFINITION, error_click_reference.detect),
    Rule(form_retry.DEFINITION, form_retry_reference.detect),
    Rule(slow_interaction.DEFINITION, slow_interaction_reference.detect),
    Rule(layout_jump.DEFINITION, layout_jump_reference.detect),
    Rule(quick_back.DEFINITION, quick_back_reference.detect),
    Rule(page_loop.DEFINITION, page_loop_reference.detect),
    Rule(reload_burst.DEFINITION, reload_burst_reference.detect),
    Rule(thrashed_cursor.DEFINITION, thrashed_cursor_reference.detect),
    Rule(zoom_struggle.DEFINITION, zoom_struggle_reference.detect),
    Rule(request_failures.DEFINITION, request_failures_reference.detect),
    Rule(error_burst.DEFINITION, error_burst_reference.detect),
    Rule(form_abandoned.DEFINITION, form_abandoned_reference.detect),
    Rule(field_struggle.DEFINITION, field_struggle_reference.detect),
    Rule(repeated_search.DEFINITION, repeated_search_reference.detect),
    Rule(scroll_thrash.DEFINITION, scroll_thrash_reference.detect),
    Rule(tab_switching.DEFINITION, tab_switching_reference.detect),
    Rule(copied_error.DEFINITION, copied_error_reference.detect),
)

DEFINITIONS: tuple[Definition, ...] = tuple(rule.definition for rule in RULES)

_BY_NAME = {rule.definition.name: rule for rule in RULES}


class UnknownSignalError(LookupError):
    """No signal has this name."""


def rule_of(name: str) -> Rule:
    """The rule of the signal `name`. Raises UnknownSignalError."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownSignalError(f"There is no signal “{name}”. There are: {', '.join(sorted(_BY_NAME))}.") from None


def by_name(name: str) -> Definition:
    """The definition of the signal `name`. Raises UnknownSignalError."""
    return rule_of(name).definition
