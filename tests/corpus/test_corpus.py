"""Every trap that products of this kind fall into, and ours must not."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from apps.detection.catalog import DEFINITIONS
from tests.corpus import driving, report, site
from tests.corpus.trap import Trap, Twin, all_traps
from tests.demo.running import running_product

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(900)]

# Names of traps, separated by spaces: `bin/corpus` sets it.
_ONLY = os.environ.get("IRK_CORPUS_ONLY", "").split()
TRAPS = {name: trap for name, trap in all_traps().items() if not _ONLY or name in _ONLY}
_REPORTS = Path(__file__).resolve().parents[2] / ".data" / "reports"
# Share of the broken twins that must give their signal.
FOUND_AT_LEAST = 0.95


@dataclass(frozen=True)
class Drive:
    """What came of visiting every twin."""

    seen: Mapping[tuple[str, Twin], int]
    found: Mapping[tuple[str, Twin], frozenset[str]]
    thrown: Mapping[tuple[str, Twin], list[str]]


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Drive:
    """Every twin visited once, reported, and evaluated."""
    with running_product(tmp_path_factory.mktemp("corpus") / "data") as product:
        demo = product.new_demo()
        with site.serving(product=product.url, key=demo.key) as address:
            thrown = driving.drive_all(TRAPS, site=address)
        product.wait_until_decided(demo)
        found: dict[tuple[str, Twin], set[str]] = defaultdict(set)
        for signal in product.signals(demo):
            found[_twin_of(signal["release"])].add(signal["kind"])
        seen = {_twin_of(release): count for release, count in product.sessions_by_release(demo).items()}
    drive = Drive(seen, {twin: frozenset(kinds) for twin, kinds in found.items()}, thrown)
    _write_report(drive)
    return drive


def test_every_trap_names_a_signal_that_there_is() -> None:
    kinds = {definition.name for definition in DEFINITIONS}
    assert {name: trap.signal for name, trap in TRAPS.items() if not {trap.signal, *trap.others} <= kinds} == {}


def test_every_twin_was_seen_in_one_session(drive: Drive) -> None:
    assert drive.seen == {(name, twin): 1 for name in TRAPS for twin in ("healthy", "broken")}


def test_no_healthy_twin_is_broken_itself(drive: Drive) -> None:
    assert {twin: errors for twin, errors in drive.thrown.items() if errors and twin[1] == "healthy"} == {}


def test_no_twin_gives_a_signal_that_it_should_not(drive: Drive) -> None:
    outcome = report.outcome_of(TRAPS, drive.found)
    assert outcome.false == [], report.as_text(TRAPS, drive.found, outcome)


def test_the_broken_twins_are_found(drive: Drive) -> None:
    outcome = report.outcome_of(TRAPS, drive.found)
    assert outcome.found_share >= FOUND_AT_LEAST, report.as_text(TRAPS, drive.found, outcome)


def test_the_report_names_what_is_false_and_what_is_missed() -> None:
    async def nothing(_: object) -> None: ...

    traps = {name: Trap(signal="rage_click", drive=nothing) for name in ("good", "blind", "jumpy")}
    found: dict[tuple[str, Twin], frozenset[str]] = {
        ("good", "broken"): frozenset({"rage_click"}),
        ("jumpy", "broken"): frozenset({"rage_click", "dead_click"}),
        ("jumpy", "healthy"): frozenset({"rage_click"}),
    }
    outcome = report.outcome_of(traps, found)
    assert outcome.missed == ["blind"]
    assert outcome.false == [
        ("jumpy", "healthy", frozenset({"rage_click"})),
        ("jumpy", "broken", frozenset({"dead_click"})),
    ]
    assert round(outcome.found_share, 2) == 0.67
    text = report.as_text(traps, found, outcome)
    assert "MISSED rage_click" in text
    assert "FALSE on healthy: rage_click; FALSE on broken: dead_click" in text


def _twin_of(release: str) -> tuple[str, Twin]:
    name, _, twin = release.partition("/")
    assert twin in {"healthy", "broken"}, f"An unknown page reported: {release!r}."
    return name, "healthy" if twin == "healthy" else "broken"


def _write_report(drive: Drive) -> None:
    text = report.as_text(TRAPS, drive.found, report.outcome_of(TRAPS, drive.found))
    _REPORTS.mkdir(parents=True, exist_ok=True)
    (_REPORTS / "corpus.txt").write_text(f"{text}\n", encoding="utf-8")
