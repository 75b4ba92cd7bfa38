"""Every address of the ingest endpoint when it runs alone."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from apps.ingest import sdk_script
from apps.ingest.views import not_found

urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("apps.ingest.urls")),
    path("sdk/irk.js", sdk_script.serve),
    re_path(r"", not_found),
]
