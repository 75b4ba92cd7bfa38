from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Breached thresholds that people work on."""

    name = "apps.incidents"

    def ready(self) -> None:
        """Makes `/metrics` tell how far evaluation is behind."""
        from apps.core.metrics import add_collector
        from apps.incidents.metrics import TickLag

        add_collector(TickLag())
