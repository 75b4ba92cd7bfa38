"""Making, checking and revoking API keys."""

import secrets
import string
from dataclasses import dataclass
from hashlib import sha256

from apps.core import clock
from apps.organizations.models import User
from apps.projects.models import ApiKey, Project

_ALPHABET = string.ascii_letters + string.digits
_PREFIX = "irk_pk_"
# 62^24 ≈ 2^143: guessing is out of reach, so a plain SHA-256 is enough to store it and is cheap on the hot path.
_SECRET_LENGTH = 24


@dataclass(frozen=True)
class NewKey:
    """A key just made. `plain` exists only here: show it once, never store or log it."""

    api_key: ApiKey
    plain: str


def create(*, project: Project, name: str, actor: User | None) -> NewKey:
    """Makes a key for `project`. Two may be live during a rotation; more are allowed, one per app is usual."""
    plain = _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_SECRET_LENGTH))
    api_key = ApiKey.objects.create(
        project=project, name=name, prefix=plain[: len(_PREFIX) + 4], key_hash=hash_key(plain), created_by=actor
    )
    return NewKey(api_key=api_key, plain=plain)


def revoke(api_key: ApiKey) -> None:
    """Makes ingest refuse the key, within its cache period of 5 s. Revoking twice changes nothing."""
    ApiKey.objects.filter(pk=api_key.pk, revoked_at__isnull=True).update(revoked_at=clock.now())


def hash_key(plain: str) -> str:
    """What is stored of a key: its SHA-256, hexadecimal."""
    return sha256(plain.encode()).hexdigest()
