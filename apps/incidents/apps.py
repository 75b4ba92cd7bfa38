from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Breached thresholds that people work on."""

    name = "apps.incidents"
