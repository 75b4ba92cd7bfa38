"""The plain API key that the shop's pages carry.

The product stores keys hashed, so the demo keeps its own in a file of the data folder, readable by its owner only. It
is a public, write-only key: whoever opens the shop sees it in the page's source.
"""

import os
from pathlib import Path

from django.conf import settings


def path() -> Path:
    """Where the key is kept: IRK_DATA_DIR, or .data/ of the checkout."""
    return Path(os.environ.get("IRK_DATA_DIR", settings.BASE_DIR / ".data")) / "demo-key"


def read() -> str:
    """The key, or "" where the demo was not seeded yet."""
    try:
        return path().read_text().strip()
    except FileNotFoundError:
        return ""


def write(plain: str) -> None:
    """Keeps `plain`, replacing the earlier key at once: a page never sees half a key."""
    path().parent.mkdir(parents=True, exist_ok=True)
    draft = path().with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(plain + "\n")
    draft.replace(path())
