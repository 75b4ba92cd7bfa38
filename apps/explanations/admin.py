"""The threshold's page with the way to "Why, or why not"."""

from django.contrib import admin
from django.urls import URLPattern, path

from apps.backtests.admin import ThresholdWithBacktestAdmin
from apps.explanations import page
from apps.thresholds.models import Threshold


class ExplainedThresholdAdmin(ThresholdWithBacktestAdmin):
    """Thresholds come before explanations and must not know them, so the page is extended from here."""

    change_form_outer_before_template = "irk/why_link.html"

    def get_urls(self) -> list[URLPattern]:
        """With the address of the explanation."""
        view = self.admin_site.admin_view(page.show)
        return [path("<int:threshold_id>/why/", view, name="explanations_why"), *super().get_urls()]


admin.site.unregister(Threshold)
admin.site.register(Threshold, ExplainedThresholdAdmin)
