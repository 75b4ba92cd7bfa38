"""The form of a threshold: what its next version says, in words and units that need no manual."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.admin_words import length_of_time
from apps.detection.catalog import DEFINITIONS
from apps.thresholds.models import GroupBy, Metric, Severity, Threshold
from apps.thresholds.versions import DEVICES, FIELDS, Draft, problems

_WINDOWS = (60, 300, 600, 900, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
_QUIETS = (300, 900, 1800, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)


def _lengths(seconds: tuple[int, ...]) -> list[tuple[int, str]]:
    return [(each, length_of_time(each)) for each in seconds]


class ThresholdForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A threshold with the fields of the version in force; saving it makes the next version."""

    signals = forms.MultipleChoiceField(
        label="Signals",
        choices=[(definition.name, definition.title) for definition in DEFINITIONS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Which moments of frustration to count. Several are counted together.",
    )
    metric = forms.ChoiceField(
        label="Count",
        choices=Metric,
        widget=UnfoldAdminSelectWidget,
        help_text="Sessions is the best start: one angry visitor counts once, however often they click.",
    )
    at_least = forms.IntegerField(
        label="Open an incident at",
        min_value=1,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="This many or more, within the time below.",
    )
    window_seconds = forms.TypedChoiceField(
        label="Within",
        coerce=int,
        choices=_lengths(_WINDOWS),
        widget=UnfoldAdminSelectWidget,
        help_text="A sliding window: at every moment, this much time before it is looked at.",
    )
    group_by = forms.ChoiceField(
        label="Count apart by",
        choices=GroupBy,
        widget=UnfoldAdminSelectWidget,
        help_text="Each gets an incident of its own. Route and element names one button on one page.",
    )
    minimum_sessions = forms.IntegerField(
        label="But only from",
        min_value=1,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Sessions. With fewer, the numbers mean too little and nothing opens. 1 asks for nothing more.",
    )
    route_pattern = forms.CharField(
        label="Routes",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example /checkout or /orders/*; * stands for anything. Empty: every route.",
    )
    element_pattern = forms.CharField(
        label="Elements",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="A selector as on a session’s timeline, for example button[data-testid=pay]. Empty: every element.",
    )
    environment = forms.CharField(
        label="Environment",
        required=False,
        max_length=50,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example production. Empty: every environment.",
    )
    release = forms.CharField(
        label="Release",
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example 2026.11.2. Empty: every release.",
    )
    device = forms.ChoiceField(
        label="Device",
        required=False,
        choices=[("", "Every device"), *((device, device.capitalize()) for device in DEVICES)],
        widget=UnfoldAdminSelectWidget,
    )
    severity = forms.ChoiceField(
        label="Severity",
        choices=Severity,
        widget=UnfoldAdminSelectWidget,
        help_text="How urgent an incident of this threshold is; the list shows the most urgent first.",
    )
    quiet_seconds = forms.TypedChoiceField(
        label="Resolve by itself after",
        coerce=int,
        choices=_lengths(_QUIETS),
        widget=UnfoldAdminSelectWidget,
        help_text="So long without reaching the number again.",
    )

    class Meta:
        model = Threshold
        fields = ["project", "name", "enabled"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current = self.instance.current_version if self.instance.pk else None
        for name in FIELDS:
            if name in self.fields:
                value = getattr(current or Draft(), name)
                self.initial.setdefault(name, list(value) if name == "signals" else value)
        if current:
            # A length that was set elsewhere (an API, a migration) must survive a save through this form.
            self._offer("window_seconds", current.window_seconds, _WINDOWS)
            self._offer("quiet_seconds", current.quiet_seconds, _QUIETS)

    def clean(self) -> dict[str, Any]:
        """Refuses, beside the field and with the reason, what makes no sense."""
        cleaned: dict[str, Any] = super().clean() or {}
        # What is missing was refused already; its default would bring up reasons that the person did not cause.
        if all(name in cleaned for name in FIELDS):
            for field, reason in problems({name: cleaned[name] for name in FIELDS}).items():
                self.add_error(field, reason)
        return cleaned

    def version_fields(self) -> dict[str, Any]:
        """The fields of the version that saving this form makes."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    def _offer(self, name: str, seconds: int, usual: tuple[int, ...]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.TypedChoiceField) and seconds not in usual:
            field.choices = _lengths(tuple(sorted({*usual, seconds})))
