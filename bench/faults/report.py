"""What the runs found, for people and as JSON."""

from collections.abc import Sequence
from typing import Any

from bench.faults.caps import MEMORY_MIB
from bench.faults.checking import INVARIANTS
from bench.faults.running import Outcome


def line(number: int, of: int, outcome: Outcome) -> str:
    """One run in one line, with what it found below."""
    scenario = outcome.scenario
    through = f"{outcome.through:.1f} s" if outcome.through is not None else "never"
    words = "ok" if not outcome.violations else "VIOLATION"
    met = "" if outcome.met else ", at another moment"
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(outcome.answers.items()))
    head = f"{number}/{of} seed {scenario.seed} {scenario.name} ({scenario.order}{met}): {words}"
    facts = f"through after {through}; {outcome.events} events; answers {answers}; {outcome.seconds:.0f} s"
    lines = [f"{head}; {facts}"]
    for invariant, found in outcome.violations.items():
        lines += [f"    {invariant}: {each}" for each in found]
    return "\n".join(lines)


def table(outcomes: Sequence[Outcome], *, not_run: Sequence[str]) -> str:
    """Fault × invariant: ✓ or the number of runs that violated it, and the worst time to signals after healing."""
    names = sorted({outcome.scenario.fault.name for outcome in outcomes} | set(not_run))
    titles = " ".join(f"{name:>{_width(name)}}" for name in INVARIANTS)
    head = f"{'fault':24} {'runs':>7} {titles}  worst to signals"
    return "\n".join([head, *(_row(name, outcomes) for name in names)])


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    runs = [outcome for outcome in outcomes if outcome.scenario.fault.name == name]
    if not runs:
        return f"{name:24} {'not run':>7}"
    cells = []
    for invariant in INVARIANTS:
        violated = sum(invariant in outcome.violations for outcome in runs)
        cells.append(f"{violated or '✓':>{_width(invariant)}}")
    return f"{name:24} {len(runs):7} {' '.join(cells)}  {_worst(runs)}"


def _worst(runs: Sequence[Outcome]) -> str:
    times = [outcome.through for outcome in runs]
    return "never" if None in times else f"{max(time for time in times if time is not None):.1f} s"


def _width(name: str) -> int:
    return max(len(name), 3)


def memory(outcomes: Sequence[Outcome]) -> str:
    """The most that any process of a part had resident, beside what it may."""
    peaks = _peaks(outcomes)
    return "MiB of one process at most: " + ", ".join(f"{part} {peaks[part]} of {MEMORY_MIB[part]}" for part in peaks)


def _peaks(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {part: max(outcome.peaks[part] for outcome in outcomes) for part in MEMORY_MIB} if outcomes else {}


def as_json(outcomes: Sequence[Outcome], *, not_run: Sequence[str]) -> dict[str, Any]:
    """The whole as one object."""
    through = [outcome.through for outcome in outcomes if outcome.through is not None]
    return {
        "runs": len(outcomes),
        "violations": [
            {"seed": outcome.scenario.seed, "scenario": outcome.scenario.name, "found": outcome.violations}
            for outcome in outcomes
            if outcome.violations
        ],
        "not_run": list(not_run),
        "events": sum(outcome.events for outcome in outcomes),
        "worst_through_s": max(through, default=None),
        "mean_through_s": sum(through) / len(through) if through else None,
        "peak_mib": _peaks(outcomes),
    }
