"""Whose events these are: a public key, looked up by its hash and remembered for a few seconds."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError

from apps.core.grouping import CrowdedError, Grouping
from apps.ingest import rate
from apps.ingest.rate import Subject
from apps.ingest.refusal import Refusal
from apps.projects import keys, origins
from apps.projects.models import ApiKey

# Seconds. A revoked key must be refused within 5 s; the look-up itself takes part of them.
_REMEMBERED = 4.0
# Seconds from which one request looks the key up anew while the others go on with what is remembered: a busy key makes
# one in thousands wait for Postgres, instead of all that come meanwhile.
_RENEWED_FROM = 3.0
# Entries. Unknown keys are remembered too, so that a client with a dead one does not cost a query each time.
_MOST_REMEMBERED = 10_000
# Look-ups that wait for the one under way, those in one query, and for how many seconds one may wait.
_MOST_QUEUED = 1_000
_MOST_AT_ONCE = 200
_PATIENCE = 5.0
# What a key looks like; anything else needs no look-up.
_KEY = re.compile(r"irk_pk_[A-Za-z0-9]{24}")


@dataclass(frozen=True)
class Sender:
    """What ingest needs to know about a key and its project."""

    key_id: int
    project_id: int
    organization_id: int
    retention_days: int
    allowed_origins: tuple[str, ...]


class Unknown:
    """Stands for a key that is unknown or revoked."""


@dataclass(slots=True)
class _Entry:
    """What a look-up found, when it began, and whether somebody was told to look the key up anew."""

    looked_up: float
    found: Sender | Unknown
    renewed: bool = False


class Senders:
    """Keys to senders, remembered for `_REMEMBERED` seconds. Safe for threads.

    Keys that come at the same time are looked up by one query, so that neither a burst of requests with a key whose
    time is up nor a flood of keys that somebody made up costs a query each.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Entry] = {}
        # Apart, so that made-up keys push out no real one.
        self._unknown: dict[str, _Entry] = {}
        self._lock = threading.Lock()
        self._look_ups: Grouping[str, Sender | Unknown] = Grouping(
            _look_up, shared=(DatabaseError,), most_held=_MOST_QUEUED, most_at_once=_MOST_AT_ONCE, patience=_PATIENCE
        )

    def remembered(self, plain: str, *, now: float) -> Sender | Unknown | None:
        """What is remembered of the key `plain`. `now` is a monotonic time in seconds.

        None is for the caller to look it up: nothing is remembered, or a known key's time runs out and nobody else was
        told to.
        """
        key_hash = keys.hash_key(plain)
        with self._lock:
            entry = self._known.get(key_hash) or self._unknown.get(key_hash)
            if entry is None:
                return None
            age = now - entry.looked_up
            if not 0 <= age < _REMEMBERED:
                return None
            if age >= _RENEWED_FROM and not entry.renewed and isinstance(entry.found, Sender):
                entry.renewed = True
                return None
            return entry.found

    def look_up(self, plain: str, *, now: float) -> Sender | Unknown:
        """What the database knows of the key `plain`, now remembered. Raises DatabaseError, CrowdedError."""
        key_hash = keys.hash_key(plain)
        found = self._look_ups.call(key_hash)
        with self._lock:
            # Newest last: dropping from the front drops what was looked up longest ago.
            self._known.pop(key_hash, None)
            self._unknown.pop(key_hash, None)
            entries = self._known if isinstance(found, Sender) else self._unknown
            _remember(entries, key_hash, _Entry(now, found))
        return found

    def forget(self) -> None:
        """Forgets everything, for example after a fork or between tests."""
        with self._lock:
            self._known.clear()
            self._unknown.clear()


def _remember(entries: dict[str, _Entry], key_hash: str, entry: _Entry) -> None:
    entries[key_hash] = entry
    while len(entries) > _MOST_REMEMBERED:
        del entries[next(iter(entries))]


def _look_up(take: Callable[[], list[str]]) -> list[Sender | Unknown]:
    key_hashes = take()
    found = {
        api_key.key_hash: Sender(
            key_id=api_key.pk,
            project_id=api_key.project_id,
            organization_id=api_key.project.organization_id,
            retention_days=api_key.project.retention_days,
            allowed_origins=tuple(api_key.project.allowed_origins),
        )
        for api_key in ApiKey.objects.live().select_related("project").filter(key_hash__in=set(key_hashes))
    }
    return [found.get(key_hash) or Unknown() for key_hash in key_hashes]


senders = Senders()


def authenticate(plain: str | None, *, origin: str | None, address: str) -> Sender:
    """The sender whose key is `plain`, sending from a page of `origin` (None: no such header) at `address`.

    Raises Refusal: 401 for a missing, unknown or revoked key, 403 for an origin the project does not list, 429 when the
    address tried too many unknown keys, 503 when keys cannot be looked up.
    """
    if not plain:
        raise Refusal(401, "missing_key", "The key is missing. Send to /v1/events?k=<your project's public key>.")
    sender = _find(plain, address=address) if _KEY.fullmatch(plain) else None
    if not isinstance(sender, Sender):
        raise Refusal(401, "invalid_key", "The key is unknown or was revoked. Use a live key of the project.")
    if not origins.is_allowed(origin, allowed=list(sender.allowed_origins)):
        raise Refusal(
            403,
            "origin_not_allowed",
            f"The project does not allow events from {origin}. Add it to its allowed origins.",
        )
    return sender


def _find(plain: str, *, address: str) -> Sender | Unknown:
    now = time.monotonic()
    found = senders.remembered(plain, now=now)
    if found is not None:
        return found
    guesses = Subject("unknown", address, settings.INGEST_UNKNOWN_KEYS_PER_MINUTE)
    wait = rate.seconds_left(guesses)
    if wait is not None:
        raise Refusal(429, "rate_limited", "This address tried too many unknown keys.", retry_after=wait)
    try:
        found = senders.look_up(plain, now=now)
    except (DatabaseError, CrowdedError) as error:
        raise Refusal(503, "unavailable", "Keys cannot be checked right now. Send again.", retry_after=5) from error
    if isinstance(found, Unknown):
        rate.count(guesses)
    return found
