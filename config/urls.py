"""Every address of the product."""

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from apps.core import health, metrics
from apps.ingest import sdk_script

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("v1/", include("apps.ingest.urls")),
    path("sdk/irk.js", sdk_script.serve),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics.expose),
]

if apps.is_installed("apps.demo"):
    urlpatterns.append(path("shop/", include("apps.demo.urls")))
