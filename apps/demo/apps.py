from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A small shop with bugs in it, and the recorded visits of its shoppers. Installed locally and in tests only."""

    name = "apps.demo"
