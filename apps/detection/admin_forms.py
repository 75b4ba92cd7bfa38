"""The forms about a project's signals: what not to count, and the numbers of the rules."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.core import clock
from apps.core.counting import several
from apps.detection.catalog import DEFINITIONS
from apps.detection.definition import LARGEST, Definition, Parameter, Value
from apps.detection.models import HIDES_EVERYTHING, ProjectSignals, Suppression
from apps.detection.pattern_fields import element_pattern_field, route_pattern_field
from apps.detection.patterns import never_fits
from apps.detection.settings import OwnValues, SenselessParametersError, current_version, differing, own_values

_DAYS = (1, 7, 14, 30, 90)


class SuppressionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A new suppression. It is never edited: what it hid would no longer be what it says."""

    signal = forms.ChoiceField(
        required=False,
        choices=[("", "Every signal"), *((definition.name, definition.title) for definition in DEFINITIONS)],
        widget=UnfoldAdminSelectWidget,
    )
    route_pattern = route_pattern_field()
    element_pattern = element_pattern_field()
    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="Why this is no news, for whoever wonders later. For example: known, fixed in 2026.12.",
    )
    days = forms.TypedChoiceField(
        label="For",
        coerce=int,
        choices=[(days, several(days, "day")) for days in _DAYS],
        initial=14,
        widget=UnfoldAdminSelectWidget,
        help_text="Then it counts again. You can end it earlier.",
    )

    class Meta:
        model = Suppression
        fields = ["project", "signal", "route_pattern", "element_pattern", "reason"]

    def clean(self) -> dict[str, Any]:
        """Refuses what would hide everything, or nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        named = [cleaned.get(name, "") for name in ("signal", "route_pattern", "element_pattern")]
        if not any(pattern.strip("* ") for pattern in named):
            # Beside the first of them, and not of the whole form: the model's constraint would say it once more.
            self.add_error("signal", HIDES_EVERYTHING)
        if reason := never_fits(cleaned.get("route_pattern", "")):
            self.add_error("route_pattern", reason)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """In force from now on."""
        self.instance.created_at = clock.now()
        self.instance.expires_at = self.instance.created_at + timedelta(days=self.cleaned_data["days"])
        return super().save(commit)


class ParametersForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Every parameter of every signal, as it holds in a project."""

    class Meta:
        model = ProjectSignals
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = own_values(current_version(self.instance))
        for name, definition, parameter in parameter_fields():
            value = own.get(definition.name, {}).get(parameter.name, parameter.default)
            self.fields[name] = _field(parameter, value)

    def clean(self) -> dict[str, Any]:
        """Refuses, beside its field, what a parameter cannot be."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            differing(self._given(cleaned))
        except SenselessParametersError as error:
            for (signal, parameter), reason in error.problems.items():
                self.add_error(f"{signal}__{parameter}", reason)
        return cleaned

    def parameter_values(self) -> OwnValues:
        """What the form says, defaults too."""
        return self._given(self.cleaned_data)

    @staticmethod
    def _given(cleaned: dict[str, Any]) -> dict[str, dict[str, Value]]:
        given: dict[str, dict[str, Value]] = {}
        for name, definition, parameter in parameter_fields():
            if name in cleaned:
                given.setdefault(definition.name, {})[parameter.name] = cleaned[name]
        return given


class NamesField(forms.Field):
    """Names separated by commas."""

    def to_python(self, value: Any) -> tuple[str, ...]:
        """The names, each once, in the given order."""
        names = (name.strip() for name in str(value or "").split(","))
        return tuple(dict.fromkeys(filter(None, names)))

    def prepare_value(self, value: Any) -> Any:
        """As people write them."""
        return ", ".join(value) if isinstance(value, tuple | list) else value


def parameter_fields() -> Iterator[tuple[str, Definition, Parameter]]:
    """The form's fields: name, and what it sets."""
    for definition in DEFINITIONS:
        for parameter in definition.parameters:
            yield f"{definition.name}__{parameter.name}", definition, parameter


def _field(parameter: Parameter, value: Value) -> forms.Field:
    label = parameter.name.removesuffix("_ms").removesuffix("_px").replace("_", " ").capitalize()
    if isinstance(parameter.default, tuple):
        return NamesField(
            label=label,
            initial=value,
            required=False,
            widget=UnfoldAdminTextInputWidget,
            help_text=f"Default: {', '.join(parameter.default) or 'none'}. {parameter.reason}",
        )
    return forms.IntegerField(
        label=f"{label} ({parameter.unit})",
        initial=value,
        min_value=parameter.least,
        max_value=LARGEST,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"Default: {parameter.default}. {parameter.reason}",
    )
