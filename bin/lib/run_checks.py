"""Runs every check, two at a time, and counts passed, failed and skipped on the last line.

What a check prints is shown once it ends, of those that failed at the end; a test runner's counts are read from its
report file, never from its prose. A check without a report (a linter) counts as one. Most tests wait for a browser, an
engine or a clock, or use one core, so that two checks beside each other take little more than half of the time. Each
process of pytest has engines of its own.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
REPORTS = ROOT / ".data" / "reports"


@dataclass(frozen=True)
class Check:
    """A command, and the report that it leaves, if it counts tests of its own."""

    name: str
    command: list[str]
    folder: Path = ROOT
    report: Path | None = None


@dataclass
class Counts:
    """Passed, failed and skipped tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


AT_A_TIME = 2
SDK = ROOT / "frontend-sdk"
TESTS = ROOT / "tests"

# The folders of tests/ that have a process of their own; all others share one.
APART = {
    "python pages": ["browser", "corpus"],
    "python stack": ["admin", "bench", "demo"],
    "python signals": ["backtests", "detection", "explanations", "incidents", "thresholds"],
}


def of_pytest(name: str, *where: str) -> Check:
    """The Python tests in some places."""
    report = REPORTS / f"{name.replace(' ', '-')}.xml"
    return Check(name, [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *where], ROOT, report)


def of_vitest(name: str, config: str) -> Check:
    """Tests of the SDK, which is built already."""
    report = REPORTS / f"{name.replace(' ', '-')}.json"
    command = ["npx", "vitest", "run", "--config", config, "--reporter=default", "--reporter=json"]
    return Check(name, [*command, f"--outputFile.json={report}"], SDK, report)


CHECKS = [
    Check("lint", [str(BIN / "ruff"), "check", "."]),
    Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
    Check("types", [str(BIN / "mypy")]),
    Check("contracts", [str(BIN / "lint-imports"), "--no-cache"]),
    Check("sdk lint", ["npm", "run", "--silent", "lint"], SDK),
    Check("sdk types", ["npm", "run", "--silent", "typecheck"], SDK),
    Check("sdk size", ["npm", "run", "--silent", "size"], SDK),
    Check("sdk package", ["npm", "run", "--silent", "package"], SDK),
    of_vitest("sdk unit", "vitest.config.ts"),
    # What takes longest comes first, so that none is left alone at the end.
    *[of_pytest(name, *[str(TESTS / folder) for folder in folders]) for name, folders in APART.items()],
    of_vitest("sdk browser", "vitest.browser.config.ts"),
    of_pytest("python", *[f"--ignore={TESTS / folder}" for folders in APART.values() for folder in folders]),
]


def counts_of(check: Check, exit_code: int) -> Counts:
    """The check's own counts, or one passed or failed. A red exit with no failed test still counts as one failure."""
    counts = Counts()
    if check.report is not None and check.report.exists():
        counts = read_report(check.report)
    elif exit_code == 0 and check.report is None:
        counts.passed = 1
    elif check.report is not None and exit_code == 0:
        print(f"{check.name}: it left no report, so nothing shows that it ran.", file=sys.stderr)
        counts.failed = 1
    if exit_code != 0 and counts.failed == 0:
        counts.failed = 1
    return counts


def read_report(report: Path) -> Counts:
    """Counts from JUnit XML (pytest) or JSON (vitest)."""
    if report.suffix == ".json":
        data = json.loads(report.read_text())
        return Counts(data["numPassedTests"], data["numFailedTests"], data["numPendingTests"] + data["numTodoTests"])
    counts = Counts()
    for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 our own file
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        counts.failed += failed
        counts.skipped += skipped
        counts.passed += int(suite.get("tests", 0)) - failed - skipped
    return counts


def run(check: Check) -> tuple[Counts, str]:
    """Runs a check. Returns its counts and what it printed."""
    if check.report is not None:
        check.report.unlink(missing_ok=True)
    print(f"── {check.name} …", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        check.command, cwd=check.folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    counts = counts_of(check, done.returncode)
    outcome = "FAILED" if counts.failed else "ok"
    printed = f"\n{done.stdout}── {check.name}: {outcome} in {time.monotonic() - started:.0f} s"
    print(printed.splitlines()[-1] if counts.failed else printed, flush=True)
    return counts, printed


def main() -> int:
    """Runs the checks named on the command line, or all. Returns the exit code: 0 only if nothing failed."""
    wanted = sys.argv[1:]
    unknown = set(wanted) - {check.name for check in CHECKS}
    if unknown:
        print(
            f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(c.name for c in CHECKS)}.",
            file=sys.stderr,
        )
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    total = Counts()
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(AT_A_TIME) as lanes:
        running = {lanes.submit(run, check): check for check in CHECKS if not wanted or check.name in wanted}
        for done in as_completed(running):
            counts, printed = done.result()
            total.passed += counts.passed
            total.failed += counts.failed
            total.skipped += counts.skipped
            if counts.failed:
                failed[running[done].name] = printed
    if failed:
        print("\n".join(failed.values()), f"\nFailed: {', '.join(failed)}", sep="\n")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
