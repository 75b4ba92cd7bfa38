"""Records the demo visits against a product in a folder of its own, and removes that folder. For bin/record-demo."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from apps.embedded import ports  # noqa: E402 after the checkout is on the path
from apps.embedded.product import Product  # noqa: E402


def main() -> int:
    """The exit code of `manage.py record_demo`."""
    with tempfile.TemporaryDirectory(prefix="irk-recording-") as folder:
        product = Product(Path(folder) / "data", port=ports.choose())
        try:
            product.start()
            product.manage("seed_demo")
            return subprocess.run(
                [sys.executable, "manage.py", "record_demo", *sys.argv[1:]],
                cwd=ROOT,
                env={**os.environ, **product.environment()},
                check=False,
            ).returncode
        finally:
            product.stop()
            product.stack.remove()


if __name__ == "__main__":
    raise SystemExit(main())
