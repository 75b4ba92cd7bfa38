"""The whole product: admin, ingest, health and metrics."""

from django.core.wsgi import get_wsgi_application

from apps.core.wsgi_request import TolerantRequest

application = get_wsgi_application()
application.request_class = TolerantRequest
