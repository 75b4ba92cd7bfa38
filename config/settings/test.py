"""For the tests: real engines, whose addresses `tests/engines.py` puts into the environment before this is read."""

import os

os.environ.setdefault("SECRET_KEY", "test-only-not-a-secret")
# mypy's Django plugin reads these settings without engines; a test run always overrides the three addresses.
os.environ.setdefault("DATABASE_URL", "postgres://irk:irk@127.0.0.1:5432/irk")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("CLICKHOUSE_URL", "clickhouse://irk:irk@127.0.0.1:9000/irk")

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, INSTALLED_APPS

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
# Tests open and close databases by name; a pool would hold connections to the dropped one.
DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
