"""The whole product: admin, ingest, health and metrics."""

import os

from django.core.wsgi import get_wsgi_application

from apps.core.wsgi_request import TolerantRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
application = get_wsgi_application()
application.request_class = TolerantRequest
