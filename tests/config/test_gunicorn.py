"""What gunicorn does with the figures of processes that are gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import gunicorn

SEVEN = """
import sys
from prometheus_client import Gauge
Gauge('queued', 'Seven.', multiprocess_mode='livesum').set(7)
print('set', flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has open is told by Linux")
def test_the_queues_of_workers_that_died_with_their_master_are_not_counted_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    subprocess.run([sys.executable, "-c", SEVEN], check=True, stdin=subprocess.DEVNULL, capture_output=True)
    # A process that lives has the number of one that is gone.
    (tmp_path / f"gauge_livesum_{os.getpid()}.db").touch()
    with subprocess.Popen([sys.executable, "-c", SEVEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"set\n"
        gunicorn.on_starting(None)
        assert [path.name for path in tmp_path.iterdir()] == [f"gauge_livesum_{worker.pid}.db"]
