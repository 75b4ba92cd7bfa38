"""Form fields for patterns of routes and elements."""

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget


def route_pattern_field() -> forms.CharField:
    """A pattern of routes; empty fits every route."""
    return _field("Routes", "For example /checkout or /orders/*; * stands for anything. Empty: every route.")


def element_pattern_field() -> forms.CharField:
    """A pattern of elements; empty fits every element."""
    return _field(
        "Elements",
        "A selector as on a session’s timeline, for example button[data-testid=pay]. Empty: every element.",
    )


def _field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=200, widget=UnfoldAdminTextInputWidget, help_text=help_text
    )
