"""The checked-in recording against a new one: same shoppers, same shop, today's SDK."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import time_ns

import pytest

from apps.demo import recording
from apps.demo.recording import Visit
from apps.demo.replay import Progress, as_one_run, replay
from apps.demo.sending import Endpoint
from apps.embedded.product import CHECKOUT
from tests.demo.running import DemoProject, Running

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(400)]


def test_a_new_recording_gives_the_same_signals_as_the_checked_in_one(product: Running, tmp_path: Path) -> None:
    checked_in = as_one_run(recording.load(), run_id="checked in", starts_ms=time_ns() // 1_000_000)
    replayed = product.new_demo()
    with ThreadPoolExecutor(max_workers=1) as beside:
        # The shop's pages carry the newer project's key, the replay its own: the two do not meet.
        sending = beside.submit(
            replay, checked_in, Endpoint(product.url, replayed.key), Progress(batches=1), stop=lambda: False
        )
        recorded = product.new_demo()
        subprocess.run(
            [sys.executable, "manage.py", "record_demo", "--to", str(tmp_path)],
            cwd=CHECKOUT,
            env=product.environment(),
            check=True,
            stdout=subprocess.PIPE,
        )
        sending.result()
    for demo in (replayed, recorded):
        product.wait_until_decided(demo)

    before = _what_happened(product, replayed, checked_in)
    after = _what_happened(product, recorded, recording.load(tmp_path))

    assert before
    assert after == before, "Run bin/record-demo, and look at what changed."


def _what_happened(product: Running, demo: DemoProject, visits: Sequence[Visit]) -> Counter[tuple[str, str, str, str]]:
    """How often each shopper met which kind of signal, on which route and element."""
    shoppers = {batch.text("sid"): visit.name for visit in visits for batch in visit.batches}
    return Counter(
        (shoppers[signal["session_id"]], signal["kind"], signal["route"], signal["element"])
        for signal in product.signals(demo)
    )
