"""Gunicorn's settings, for every way of starting it: `gunicorn -c config/gunicorn.py config.wsgi`.

Its own lines become JSON like everybody's. The numbers can be changed on the command line.
"""

import gc
import os
from typing import TYPE_CHECKING

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from prometheus_client import multiprocess

from apps.core import logs

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
    from gunicorn.workers.base import Worker  # type: ignore[import-untyped]


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger without an access log.

    Where logging is configured by a dict, gunicorn puts an access line together for each request, to nobody: 3 % of
    what the ingest endpoint costs.
    """

    access_log_enabled = False


worker_class = "gthread"
workers = 2
threads = 8
graceful_timeout = 20
# Nothing here is driven from outside, so no socket for it.
control_socket_disable = True
# django-structlog writes one line a request, with its id; gunicorn's access log would be a second one.
accesslog = None
logger_class = QuietLogger
logconfig_dict = logs.configure(level=os.environ.get("LOG_LEVEL", "INFO"))
logconfig_dict["loggers"]["gunicorn.error"] = {"handlers": ["stderr"], "level": "INFO", "propagate": False}


def child_exit(server: "Arbiter", worker: "Worker") -> None:
    """Takes a dead worker's queues out of the sums in /metrics; its counters stay."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def post_worker_init(worker: "Worker") -> None:
    """Spares the garbage collector what lives as long as the worker, and the short lives of requests.

    Reference counts free nearly all that a request makes. Looking for cycles after every 700 new objects, Python's
    default, took a sixth of the ingest endpoint's time and more (`bin/bench ingest`); 50,000 objects are some 10 MB.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
