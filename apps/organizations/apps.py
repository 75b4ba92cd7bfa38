from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Organizations, their members, and who may see what."""

    name = "apps.organizations"
