"""The ingest endpoint alone, for `gunicorn config.ingest_wsgi`: no admin, no sessions, no middleware but the probes."""

import os

from django.core.wsgi import get_wsgi_application

from apps.core.wsgi_request import TolerantRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.ingest")
application = get_wsgi_application()
application.request_class = TolerantRequest
