"""What was found on which twin, and what should have been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.corpus.trap import Trap, Twin

# A busy machine is a slow page: on traps about something else this says nothing about the trap.
OF_THE_MACHINE = frozenset({"slow_interaction"})

# Found signals: (trap, twin) → kinds, each once.
Found = Mapping[tuple[str, Twin], frozenset[str]]


@dataclass(frozen=True)
class Outcome:
    """`false`: twins with a signal that they should not give. `missed`: broken twins without theirs."""

    false: Sequence[tuple[str, Twin, frozenset[str]]]
    missed: Sequence[str]
    broken: int

    @property
    def found_share(self) -> float:
        """How many of the broken twins gave their signal, 0 to 1."""
        return 1 - len(self.missed) / self.broken if self.broken else 1.0


def outcome_of(traps: Mapping[str, Trap], found: Found) -> Outcome:
    """Holds what was found against what the traps say."""
    false: list[tuple[str, Twin, frozenset[str]]] = []
    missed = []
    for name, trap in traps.items():
        healthy, broken = found.get((name, "healthy"), frozenset()), found.get((name, "broken"), frozenset())
        if trap.signal not in OF_THE_MACHINE:
            healthy, broken = healthy - OF_THE_MACHINE, broken - OF_THE_MACHINE
        if healthy:
            false.append((name, "healthy", healthy))
        if surplus := broken - {trap.signal, *trap.others}:
            false.append((name, "broken", surplus))
        if trap.signal not in broken:
            missed.append(name)
    return Outcome(false=false, missed=missed, broken=len(traps))


def as_text(traps: Mapping[str, Trap], found: Found, outcome: Outcome) -> str:
    """A table, a line a trap, and the totals."""
    width = max(map(len, traps), default=4)
    lines = [f"{'trap':<{width}}  {'expected':<18}  {'healthy twin':<24}  broken twin"]
    for name, trap in traps.items():
        healthy = ", ".join(sorted(found.get((name, "healthy"), ()))) or "–"
        broken = ", ".join(sorted(found.get((name, "broken"), ()))) or "–"
        marks = [f"MISSED {trap.signal}"] if name in outcome.missed else []
        marks += [f"FALSE on {twin}: {', '.join(sorted(kinds))}" for of, twin, kinds in outcome.false if of == name]
        lines.append(f"{name:<{width}}  {trap.signal:<18}  {healthy:<24}  {broken}  {'; '.join(marks)}".rstrip())
    lines.append(
        f"{outcome.broken} traps: {100 * outcome.found_share:.1f} % of the broken twins found, "
        f"{len(outcome.false)} with false signals."
    )
    return "\n".join(lines)
