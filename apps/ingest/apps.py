from django.apps import AppConfig


class IngestConfig(AppConfig):
    """The hot path: authentication, the wire format, and writing events down."""

    name = "apps.ingest"

    def ready(self) -> None:
        """Makes `/metrics` tell what waits in the spool."""
        from django.apps import apps

        from apps.core.metrics import add_collector
        from apps.ingest.spool_metrics import SpoolFigures

        add_collector(SpoolFigures())
        if apps.is_installed("drf_spectacular"):
            from apps.ingest import openapi  # noqa: F401 registers itself
