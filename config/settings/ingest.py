"""For the ingest endpoint alone (config/ingest_wsgi.py): production without sessions, admin, templates or static files.

Takes the same environment as production.
"""

from config.settings.production import *  # noqa: F403

INSTALLED_APPS = [
    # For the user model, which projects' tables refer to.
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "apps.core",
    "apps.clickhouse",
    "apps.organizations",
    "apps.projects",
    "apps.events",
    "apps.ingest",
]
MIDDLEWARE = ["apps.core.probes.ProbeMiddleware"]
TEMPLATES = []
ROOT_URLCONF = "config.ingest_urls"
WSGI_APPLICATION = "config.ingest_wsgi.application"
