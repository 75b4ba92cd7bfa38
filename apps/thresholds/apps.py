from django.apps import AppConfig


class ThresholdsConfig(AppConfig):
    """How many signals are too many."""

    name = "apps.thresholds"
