from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects, their keys, origins and retention."""

    name = "apps.projects"
