"""`/metrics` in Prometheus' text format.

Where PROMETHEUS_MULTIPROC_DIR is set, the figures of every process that shares it (web, worker) are added up.
"""

import os

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.registry import Collector

# Read at every scrape rather than kept by a process: what must be right although that process is dead.
_read_at_scrape: list[Collector] = []


def add_collector(collector: Collector) -> None:
    """Makes `/metrics` ask `collector` at every scrape, in whichever process answers."""
    _read_at_scrape.append(collector)


def expose(request: HttpRequest) -> HttpResponse:
    """All metrics. Keep it inside the cluster: it names routes and volumes, though no text of any event."""
    kept = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        kept = CollectorRegistry()
        multiprocess.MultiProcessCollector(kept)  # type: ignore[no-untyped-call]
    read = CollectorRegistry()
    for collector in _read_at_scrape:
        read.register(collector)
    return HttpResponse(generate_latest(kept) + generate_latest(read), content_type=CONTENT_TYPE_LATEST)
