"""What the admin site says about the installation it belongs to."""

from django.conf import settings
from django.http import HttpRequest


def environment_label(request: HttpRequest) -> tuple[str, str] | None:
    """The label beside the page title: its text and colour. None in production, where everybody expects to be."""
    if getattr(settings, "LOGIN_LINKS", False):
        return ("This machine only", "info")
    name = str(settings.SENTRY_ENVIRONMENT)
    return None if name == "production" else (name.capitalize(), "warning")
