"""Runs every check one after the other, shows what failed, and counts passed, failed and skipped on the last line.

Each check prints its own output; a test runner's counts are read from its report file, never from its prose. A check
without a report (a linter) counts as one.
"""

import json
import os
import subprocess
import sys
import time
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


SDK = ROOT / "frontend-sdk"
PYTEST_REPORT = REPORTS / "pytest.xml"
UNIT_REPORT = REPORTS / "sdk-unit.json"
BROWSER_REPORT = REPORTS / "sdk-browser.json"
VITEST_REPORTERS = ["--", "--reporter=default", "--reporter=json"]

CHECKS = [
    Check("lint", [str(BIN / "ruff"), "check", "."]),
    Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
    Check("types", [str(BIN / "mypy")]),
    Check("contracts", [str(BIN / "lint-imports"), "--no-cache"]),
    Check("sdk lint", ["npm", "run", "--silent", "lint"], SDK),
    Check("sdk types", ["npm", "run", "--silent", "typecheck"], SDK),
    Check("sdk size", ["npm", "run", "--silent", "size"], SDK),
    Check("sdk package", ["npm", "run", "--silent", "package"], SDK),
    Check(
        "sdk unit", ["npm", "test", "--silent", *VITEST_REPORTERS, f"--outputFile.json={UNIT_REPORT}"], SDK, UNIT_REPORT
    ),
    Check(
        "sdk browser",
        ["npm", "run", "--silent", "test:browser", *VITEST_REPORTERS, f"--outputFile.json={BROWSER_REPORT}"],
        SDK,
        BROWSER_REPORT,
    ),
    Check("python", [sys.executable, "-m", "pytest", "-q", f"--junitxml={PYTEST_REPORT}"], ROOT, PYTEST_REPORT),
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
    failed_checks = []
    for check in CHECKS:
        if wanted and check.name not in wanted:
            continue
        if check.report is not None:
            check.report.unlink(missing_ok=True)
        print(f"\n── {check.name} ──", flush=True)
        started = time.monotonic()
        exit_code = subprocess.run(check.command, cwd=check.folder, check=False, env=os.environ).returncode
        counts = counts_of(check, exit_code)
        total.passed += counts.passed
        total.failed += counts.failed
        total.skipped += counts.skipped
        if counts.failed:
            failed_checks.append(check.name)
        print(
            f"── {check.name}: {'FAILED' if counts.failed else 'ok'} in {time.monotonic() - started:.0f} s", flush=True
        )
    if failed_checks:
        print(f"\nFailed: {', '.join(failed_checks)}")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
