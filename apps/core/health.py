"""Probes. `/healthz`: this process answers. `/readyz`: what it needs answers too, and if not, what is down."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import redis
import structlog
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse

log = structlog.get_logger(__name__)

# Seconds. Whoever probes gives up after some five, and would not learn what is down.
PATIENCE = 2

# A check raises when its part is down. Later stages add theirs with `add_check`.
_checks: dict[str, Callable[[], None]] = {}


def add_check(name: str, check: Callable[[], None]) -> None:
    """Adds a part that `/readyz` asks. `check` returns when the part works, and raises anything when it does not."""
    _checks[name] = check


def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all. Restart it when this fails; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503. Body: {"status": "ok"|"down", "parts": {name: "ok"|"down"}}.

    The reason goes to the log, not to the caller: messages of drivers can name hosts and users.
    """
    parts = states()
    down = sorted(name for name, state in parts.items() if state == "down")
    body = {"status": "down" if down else "ok", "down": down, "parts": parts}
    return JsonResponse(body, status=503 if down else 200)


def states() -> dict[str, str]:
    """Every part that was added, with "ok" or "down"."""
    # Side by side: where all are down, nobody waits for them one after the other.
    with ThreadPoolExecutor() as threads:
        return dict(zip(_checks, threads.map(_state, _checks, _checks.values()), strict=True))


def _state(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 whatever a part raises, it is down; the log says what it was
        log.warning("readiness.part_down", part=name, error=type(error).__name__, detail=str(error)[:200])
        return "down"
    return "ok"


def _postgres() -> None:
    # Not a connection of the pool, which is waited for as long as people wait for a page.
    with psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": PATIENCE}) as own:
        own.execute("SELECT 1")


def _redis() -> None:
    with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE) as client:
        client.ping()


add_check("postgres", _postgres)
add_check("redis", _redis)
