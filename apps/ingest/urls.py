"""What SDKs talk to, below /v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
