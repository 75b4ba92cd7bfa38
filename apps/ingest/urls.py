"""What SDKs talk to, below /v1/."""

from django.urls import URLPattern, re_path

from apps.ingest.views import EventsView, not_found

urlpatterns: list[URLPattern] = [
    re_path(r"^events/?$", EventsView.as_view(), name="ingest-events"),
    # Clients of this path expect JSON and CORS headers, whatever they ask for.
    re_path(r"", not_found),
]
