from django.apps import AppConfig


class IngestConfig(AppConfig):
    """The hot path: authentication, the wire format, and writing events down."""

    name = "apps.ingest"
