from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The event row, the store, and a session's timeline."""

    name = "apps.events"
