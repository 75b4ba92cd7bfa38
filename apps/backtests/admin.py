"""The forms of thresholds and of signal parameters with "See what this change would do"."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path

from apps.backtests import page, page_parts, running, tasks
from apps.backtests.models import Backtest
from apps.core import clock
from apps.detection.admin import ProjectSignalsAdmin
from apps.detection.admin_forms import ParametersForm
from apps.detection.models import ProjectSignals
from apps.organizations.models import User
from apps.organizations.scoped_admin import ScopedAdmin, signed_in
from apps.thresholds.admin import ThresholdAdmin
from apps.thresholds.admin_forms import ThresholdForm
from apps.thresholds.models import Threshold

# The name of the form's button. Whatever is posted with it is looked at and never saved.
_BUTTON = "_backtest"


class _WithBacktest(ScopedAdmin):
    """Thresholds and signals come before backtests and must not know them, so their pages are extended from here."""

    change_form_after_template = "irk/backtest_button.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; its second button asks for a backtest of what stands in it instead of saving it."""
        if request.method == "POST" and _BUTTON in request.POST and object_id is not None:
            asked = self._ask(request, object_id)
            if asked is not None:
                return asked
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), "backtest_days": running.CHOICES}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saves, unless the button asked for a look: a form that became valid in between must not slip through."""
        if _BUTTON not in request.POST:
            super().save_model(request, obj, form, change)

    def request_backtest(self, obj: Any, form: Any, *, days: int, actor: User) -> Backtest:
        """Asks for a backtest of what stands in the form, which is valid."""
        raise NotImplementedError

    def _ask(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """To the page of the backtest asked for; None where the form has errors, which the form's page shows."""
        obj = self.get_object(request, object_id)
        if obj is None or not self.has_change_permission(request, obj):
            return None
        form = self.get_form(request, obj, change=True)(request.POST, instance=obj)
        if not form.is_valid():
            return None
        days = request.POST.get("backtest_days", "")
        chosen = int(days) if days.isdecimal() and int(days) in running.CHOICES else running.CHOICES[1]
        asked = self.request_backtest(obj, form, days=chosen, actor=signed_in(request))
        tasks.carry_out.delay(str(asked.pk))
        return HttpResponseRedirect(page_parts.address(asked))


class _DraftForm(ThresholdForm):
    """A threshold's form, which may be a draft."""

    def clean(self) -> dict[str, Any]:
        """Refuses a draft that would do nothing, too."""
        cleaned = super().clean()
        if _BUTTON in self.data and not cleaned.get("enabled"):
            self.add_error("enabled", running.SWITCHED_OFF)
        return cleaned


class ThresholdWithBacktestAdmin(_WithBacktest, ThresholdAdmin):
    """A threshold's form."""

    form = _DraftForm

    def get_urls(self) -> list[URLPattern]:
        """With a backtest's own addresses."""
        view = self.admin_site.admin_view
        return [
            path("backtests/<uuid:backtest_id>/", view(page.show), name="backtests_show"),
            path("backtests/<uuid:backtest_id>/cancel/", view(page.cancel), name="backtests_cancel"),
            path("backtests/<uuid:backtest_id>/put-in-force/", view(page.put_in_force), name="backtests_put_in_force"),
            *super().get_urls(),
        ]

    def request_backtest(self, obj: Threshold, form: ThresholdForm, *, days: int, actor: User) -> Backtest:
        """Of the threshold's fields."""
        return running.request(threshold=obj, draft=form.version_fields(), days=days, actor=actor, at=clock.now())


class ProjectSignalsWithBacktestAdmin(_WithBacktest, ProjectSignalsAdmin):
    """The form of a project's signal parameters."""

    def get_urls(self) -> list[URLPattern]:
        """With the page of a backtest: under signals, which the navigation then marks."""
        show = self.admin_site.admin_view(page.show)
        return [path("backtests/<uuid:backtest_id>/", show, name="backtests_show_of_signals"), *super().get_urls()]

    def request_backtest(self, obj: ProjectSignals, form: ParametersForm, *, days: int, actor: User) -> Backtest:
        """Of all parameters."""
        draft = form.parameter_values()
        return running.request_of_parameters(project=obj, draft=draft, days=days, actor=actor, at=clock.now())


admin.site.unregister([Threshold, ProjectSignals])
admin.site.register(Threshold, ThresholdWithBacktestAdmin)
admin.site.register(ProjectSignals, ProjectSignalsWithBacktestAdmin)
