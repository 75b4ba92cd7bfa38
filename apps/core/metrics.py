"""`/metrics` in Prometheus' text format.

Where PROMETHEUS_MULTIPROC_DIR is set, the figures of every process that shares it (web, worker) are added up.
"""

import os

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess


def expose(request: HttpRequest) -> HttpResponse:
    """All metrics. Keep it inside the cluster: it names routes and volumes, though no text of any event."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
