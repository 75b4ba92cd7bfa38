"""Every address of the product."""

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from apps.ingest import sdk_script
from apps.organizations import login_links

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("login/<str:token>/", login_links.sign_in, name="login-link"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("v1/", include("apps.ingest.urls")),
    path("sdk/irk.js", sdk_script.serve),
]

if apps.is_installed("apps.demo"):
    urlpatterns.append(path("shop/", include("apps.demo.urls")))
