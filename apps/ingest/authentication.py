"""Whose events these are: a public key, looked up by its hash and remembered for a few seconds."""

import re
import threading
import time
from dataclasses import dataclass

from django.db import DatabaseError

from apps.ingest.refusal import Refusal
from apps.projects import keys, origins
from apps.projects.models import ApiKey

# Seconds. A revoked key must be refused within 5 s; the look-up itself takes part of them.
_REMEMBERED = 4.0
# Entries. Unknown keys are remembered too, so that a client with a dead one does not cost a query each time.
_MOST_REMEMBERED = 10_000
# What a key looks like; anything else needs no look-up.
_KEY = re.compile(r"irk_pk_[A-Za-z0-9]{24}")


@dataclass(frozen=True)
class Sender:
    """What ingest needs to know about a key and its project."""

    key_id: int
    project_id: int
    retention_days: int
    allowed_origins: tuple[str, ...]


class Senders:
    """Keys to senders, remembered for `_REMEMBERED` seconds. Safe for threads."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Sender | None]] = {}
        self._lock = threading.Lock()

    def find(self, plain: str, *, now: float) -> Sender | None:
        """The sender of the live key `plain`. `now` is a monotonic time in seconds. Raises DatabaseError."""
        key_hash = keys.hash_key(plain)
        with self._lock:
            entry = self._known.get(key_hash)
        if entry is not None and 0 <= now - entry[0] < _REMEMBERED:
            return entry[1]
        sender = _look_up(key_hash)
        with self._lock:
            # Newest last: dropping from the front drops what was looked up longest ago.
            self._known.pop(key_hash, None)
            self._known[key_hash] = (now, sender)
            while len(self._known) > _MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
        return sender

    def forget(self) -> None:
        """Forgets everything, for example after a fork or between tests."""
        with self._lock:
            self._known.clear()


def _look_up(key_hash: str) -> Sender | None:
    api_key = ApiKey.objects.live().select_related("project").filter(key_hash=key_hash).first()
    if api_key is None:
        return None
    return Sender(
        key_id=api_key.pk,
        project_id=api_key.project_id,
        retention_days=api_key.project.retention_days,
        allowed_origins=tuple(api_key.project.allowed_origins),
    )


senders = Senders()


def authenticate(plain: str | None, *, origin: str | None) -> Sender:
    """The sender whose key is `plain`, sending from a page of `origin` (None: no such header).

    Raises Refusal: 401 for a missing, unknown or revoked key, 403 for an origin the project does not list, 503 when
    keys cannot be looked up.
    """
    if not plain:
        raise Refusal(401, "missing_key", "The key is missing. Send to /v1/events?k=<your project's public key>.")
    try:
        sender = senders.find(plain, now=time.monotonic()) if _KEY.fullmatch(plain) else None
    except DatabaseError as error:
        raise Refusal(503, "unavailable", "Keys cannot be checked right now. Send again.", retry_after=5) from error
    if sender is None:
        raise Refusal(401, "invalid_key", "The key is unknown or was revoked. Use a live key of the project.")
    if not origins.is_allowed(origin, allowed=list(sender.allowed_origins)):
        raise Refusal(
            403,
            "origin_not_allowed",
            f"The project does not allow events from {origin}. Add it to its allowed origins.",
        )
    return sender
