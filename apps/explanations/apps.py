from django.apps import AppConfig


class ExplanationsConfig(AppConfig):
    """Why an incident opened at a moment, and why not."""

    name = "apps.explanations"
