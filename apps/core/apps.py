from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Clock, ids, logging, health and the admin's base classes."""

    name = "apps.core"

    def ready(self) -> None:
        """Starts error reporting when a DSN is set, and registers the system checks."""
        from apps.core import checks, errors

        checks.register()
        errors.start_reporting()
