"""For `bin/dev`, `bin/demo` and `manage.py` beside them: the embedded engines on this machine."""

import os
from pathlib import Path

import environ

_ROOT = Path(__file__).resolve().parent.parent.parent
_DATA = Path(os.environ.setdefault("IRK_DATA_DIR", str(_ROOT / ".data" / "dev")))
# Written by the running product, removed when it stops: lets `manage.py` in a second terminal talk to the same engines.
for _name in ("stack.env", "product.env"):
    if (_DATA / _name).exists():
        environ.Env.read_env(_DATA / _name)
os.environ.setdefault("SECRET_KEY", "local-only-not-a-secret")

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import INSTALLED_APPS, env  # noqa: E402

DEBUG = env.flag("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = [*INSTALLED_APPS, "apps.demo"]
LOGIN_LINKS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected here: files are served from where they are.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
