"""The form of a threshold: what its next version says, in words and units that need no manual."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.core.admin_names import refuse_taken
from apps.core.admin_words import length_of_time
from apps.detection.catalog import DEFINITIONS
from apps.detection.pattern_fields import element_pattern_field, route_pattern_field
from apps.projects.models import Project
from apps.thresholds.models import GroupBy, Metric, Severity, Threshold
from apps.thresholds.versions import DEVICES, FIELDS, Draft, problems

_WINDOWS = (60, 300, 600, 900, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
# Before the window. 0: nothing is compared.
_EARLIER = (300, 900, 1800, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)
_QUIETS = (300, 900, 1800, 3600, 4 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600)


def _lengths(seconds: tuple[int, ...]) -> list[tuple[int, str]]:
    return [(each, length_of_time(each)) for each in seconds]


def _times_before(seconds: tuple[int, ...]) -> list[tuple[int, str]]:
    return [(0, "Nothing: the number alone decides"), *((each, f"{length_of_time(each)} before") for each in seconds)]


class ThresholdForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A threshold with the fields of the version in force; saving it makes the next version."""

    enabled = forms.BooleanField(
        label="Switched on",
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text="Switched off it measures nothing, and its incidents are resolved.",
    )
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
        help_text="This many or more, within the time below. A share counts sessions of every 1,000: 50 is 5 %.",
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
        help_text="Sessions with a signal; for a share, sessions with or without one. With fewer, the numbers mean too "
        "little and nothing opens. 1 asks for nothing more.",
    )
    earlier_seconds = forms.TypedChoiceField(
        label="Compare with",
        coerce=int,
        required=False,
        choices=_times_before(_EARLIER),
        widget=UnfoldAdminSelectWidget,
        help_text="Then it also takes so many times the number of the same length of time earlier.",
    )
    factor_percent = forms.IntegerField(
        label="And open only at",
        required=False,
        min_value=0,
        max_value=100_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Percent of the earlier number: 200 is twice as many. The number above has to be reached too.",
    )
    breaches_among = forms.IntegerField(
        label="Look at the last",
        required=False,
        min_value=1,
        max_value=360,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Verdicts. There is one every 10 seconds, so 6 are a minute. 1 opens at the first.",
    )
    breaches_needed = forms.IntegerField(
        label="Of which breach",
        required=False,
        min_value=1,
        max_value=360,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="So many, the last one among them.",
    )
    route_pattern = route_pattern_field()
    element_pattern = element_pattern_field()
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
    minimum_exposure = forms.IntegerField(
        label="But not before",
        required=False,
        min_value=0,
        max_value=1_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Sessions came to the route after the last breach: that nobody came is no sign that it is well. "
        "0 does not wait for anybody.",
    )

    class Meta:
        model = Threshold
        fields = ["project", "name"]

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
            if current.earlier_seconds:
                self._offer("earlier_seconds", current.earlier_seconds, _EARLIER)

    def clean(self) -> dict[str, Any]:
        """Refuses, beside the field and with the reason, what makes no sense."""
        cleaned: dict[str, Any] = super().clean() or {}
        _leave_out_what_does_not_apply(cleaned)
        refuse_taken(self, rows=Threshold.objects.all(), what="threshold", name="name", within="project")
        project = cleaned.get("project") or (self.instance.project if self.instance.pk else None)
        # What is missing was refused already; its default would bring up reasons that the person did not cause.
        if all(name in cleaned for name in FIELDS):
            kept_days = project.retention_days if isinstance(project, Project) else None
            for field, reason in problems({name: cleaned[name] for name in FIELDS}, kept_days=kept_days).items():
                self.add_error(field, reason)
        return cleaned

    def version_fields(self) -> dict[str, Any]:
        """The fields of the version that saving this form makes."""
        return {name: self.cleaned_data[name] for name in FIELDS}

    def _offer(self, name: str, seconds: int, usual: tuple[int, ...]) -> None:
        field = self.fields.get(name)
        if isinstance(field, forms.TypedChoiceField) and seconds not in usual:
            choices = _times_before if name == "earlier_seconds" else _lengths
            field.choices = choices(tuple(sorted({*usual, seconds})))


def _leave_out_what_does_not_apply(cleaned: dict[str, Any]) -> None:
    """What the form hides has its default, whatever was sent; a number that was left empty has it too."""
    defaults = Draft()
    for name in ("earlier_seconds", "factor_percent", "breaches_among", "breaches_needed", "minimum_exposure"):
        if name in cleaned and cleaned[name] in {None, ""}:
            cleaned[name] = getattr(defaults, name)
    if cleaned.get("earlier_seconds") == 0 and "factor_percent" in cleaned:
        cleaned["factor_percent"] = 0
    if cleaned.get("breaches_among") == 1 and "breaches_needed" in cleaned:
        cleaned["breaches_needed"] = 1
