"""Reload for `bin/dev`: worker and beat when Python changes, the SDK's script when its sources change.

Gunicorn reloads web by itself. Polling once a second costs little on a tree of this size and needs no library.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from apps.embedded.product import CHECKOUT, Product


def reload_forever(product: Product, *, say: Callable[[str], None]) -> None:
    """Watches the sources until the process is stopped."""
    python, sdk = _newest("apps", "*.py", "*.sql"), _newest("frontend-sdk/src", "*.ts", "*.tsx")
    while True:
        time.sleep(1)
        if (now := _newest("apps", "*.py", "*.sql")) != python:
            python = now
            say("Python changed: restarting worker and beat.")
            for name in ("worker", "beat"):
                product.children[name].stop()
                product.children[name].start()
        if (now := _newest("frontend-sdk/src", "*.ts", "*.tsx")) != sdk:
            sdk = now
            say("The SDK changed: building it.")
            built = subprocess.run(
                ["/bin/sh", "-c", ". bin/lib/environment.sh && PYTHON=.venv/bin/python && build_sdk"],
                cwd=CHECKOUT,
                check=False,
            )
            say("Built." if built.returncode == 0 else "It did not build; the lines above say why.")


def _newest(folder: str, *patterns: str) -> tuple[int, int]:
    """Number of files and the latest change, in ns: either moves when something is added, removed or saved."""
    times = [path.stat().st_mtime_ns for pattern in patterns for path in _files(CHECKOUT / folder, pattern)]
    return len(times), max(times, default=0)


def _files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if path.exists()]
