"""`bin/bench ingest --profile`: where the time of a request goes, step by step, and by function."""

import subprocess
import sys

from bench.ingest.contenders import ROOT, on_server_core
from bench.ingest.engines import Engines


def run(running: Engines, *, events: int) -> int:
    """Prints the steps of a request in a process of its own on the server's core. Returns its exit code."""
    environment = {**running.environment, "IRK_KEY": running.key}
    with on_server_core():
        process = subprocess.Popen([sys.executable, "-m", "bench.ingest.steps", str(events)], cwd=ROOT, env=environment)
    return process.wait()
