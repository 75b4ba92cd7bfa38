from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Events become signals."""

    name = "apps.detection"
