"""`manage.py demo_replay`, which bin/demo shows."""

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command
from pytest_django.live_server_helper import LiveServer

from apps.demo.management.commands import demo_replay
from apps.embedded.product import CHECKOUT
from tests.demo.running import Running

# Seconds. A click is sent within 5 s, settles for 3 s, and ticks come each 10 s.
SLOWEST_FIRST_INCIDENT = 20


@pytest.mark.stack
def test_a_replay_opens_incidents_of_every_kind_and_says_so_to_people_and_to_scripts(product: Running) -> None:
    said = subprocess.run(
        [sys.executable, "manage.py", "demo_replay", "--once"],
        cwd=CHECKOUT,
        env=product.environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    lines = said.splitlines()
    result = json.loads(lines[-1])
    assert set(result) == {"incidents", "first_incident_seconds", "url"}
    assert 0 < result["first_incident_seconds"] <= SLOWEST_FIRST_INCIDENT
    assert result["url"] == f"{product.url}/admin/"
    addresses = [line.strip() for line in lines if "/admin/incidents/incident/" in line]
    assert len(addresses) == len(set(addresses)) == result["incidents"] >= 3
    for kind in ("rage click", "dead click", "error click", "form retry"):
        assert re.search(rf"^  {kind}: .*“.+”", said, re.MULTILINE), kind
    [login] = re.findall(r"Sign in, once only:\s+(\S+)", said)
    with urlopen(login) as page:  # noqa: S310 the product's own address
        assert "/admin/" in page.url


@pytest.mark.django_db(transaction=True)
def test_a_replay_that_opens_nothing_fails_and_names_what_is_missing(
    live_server: LiveServer, clickhouse: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRK_DATA_DIR", str(tmp_path))
    # Nobody runs ticks here, so there is nothing to wait for.
    monkeypatch.setattr(demo_replay, "_DECIDED_WITHIN_SECONDS", 0.5)
    said = StringIO()

    with pytest.raises(CommandError, match=r"opened 0 incidents.* rage clicks on “Pay now”; .*coupon form"):
        call_command("demo_replay", url=live_server.url, stdout=said)

    assert "all stored" in said.getvalue()
