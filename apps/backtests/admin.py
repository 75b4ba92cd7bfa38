"""The threshold's form with "See what this change would do"."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from apps.backtests import page, running, tasks
from apps.core import clock
from apps.organizations.scoped_admin import signed_in
from apps.thresholds.admin import ThresholdAdmin
from apps.thresholds.admin_forms import ThresholdForm
from apps.thresholds.models import Threshold

# The name of the form's button. Whatever is posted with it is looked at and never saved.
_BUTTON = "_backtest"


class ThresholdWithBacktestAdmin(ThresholdAdmin):
    """Thresholds come before backtests and must not know them, so the page is extended from here."""

    change_form_after_template = "irk/backtest_button.html"

    def get_urls(self) -> list[URLPattern]:
        """With a backtest's own addresses."""
        view = self.admin_site.admin_view
        return [
            path("backtests/<uuid:backtest_id>/", view(page.show), name="backtests_show"),
            path("backtests/<uuid:backtest_id>/cancel/", view(page.cancel), name="backtests_cancel"),
            path("backtests/<uuid:backtest_id>/put-in-force/", view(page.put_in_force), name="backtests_put_in_force"),
            *super().get_urls(),
        ]

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

    def _ask(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """To the page of the backtest asked for; None where the form has errors, which the form's page shows."""
        threshold: Threshold | None = self.get_object(request, object_id)
        if threshold is None or not self.has_change_permission(request, threshold):
            return None
        form = self.get_form(request, threshold, change=True)(request.POST, instance=threshold)
        if not isinstance(form, ThresholdForm) or not form.is_valid():
            return None
        days = request.POST.get("backtest_days", "")
        asked = running.request(
            threshold=threshold,
            draft=form.version_fields(),
            days=int(days) if days.isdecimal() and int(days) in running.CHOICES else running.CHOICES[1],
            actor=signed_in(request),
            at=clock.now(),
        )
        tasks.carry_out.delay(str(asked.pk))
        return HttpResponseRedirect(reverse("admin:backtests_show", args=[asked.pk]))


admin.site.unregister(Threshold)
admin.site.register(Threshold, ThresholdWithBacktestAdmin)
