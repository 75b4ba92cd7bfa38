"""`bin/bench sdk`: what the SDK costs the page it is on, beside others. The bench itself is frontend-sdk/bench."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "frontend-sdk" / "bench" / "main.mjs"


def main() -> int:
    """The exit code of the bench, which takes the arguments as they are."""
    return subprocess.run(["node", str(BENCH), *sys.argv[1:]], check=False).returncode  # noqa: S607 bin/bench finds it


if __name__ == "__main__":
    raise SystemExit(main())
