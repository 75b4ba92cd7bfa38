"""The faults, the moments at which they strike, and which of them a seed means. Pure."""

from dataclasses import dataclass
from random import Random
from typing import Literal

Moment = Literal["idle", "load", "tick", "drain"]
Kind = Literal["nothing", "kill", "stop", "term", "full-disk", "reset", "half-close", "delay", "deliveries"]
Order = Literal["plain", "duplicated", "regrouped", "reordered"]

PARTS = ("web", "worker", "beat", "clickhouse", "redis", "postgres")
ENGINES = ("clickhouse", "redis", "postgres")
MOMENTS: tuple[Moment, ...] = ("idle", "load", "tick", "drain")
# Moments at which a network or a disk has something to disturb.
_BUSY: tuple[Moment, ...] = ("load", "tick", "drain")
_ORDERS: tuple[Order, ...] = ("plain", "duplicated", "regrouped", "reordered")


@dataclass(frozen=True)
class Fault:
    """`part` does `kind`. Its name is what `--only` and the table say."""

    kind: Kind
    part: str = ""

    @property
    def name(self) -> str:
        return f"{self.part}-{self.kind}" if self.part else self.kind


@dataclass(frozen=True)
class Scenario:
    """One run. `seconds`: how long the fault lasts; `processes`: which of the part's are hit; `at`: into the load."""

    seed: int
    fault: Fault
    moment: Moment
    order: Order
    seconds: float
    at: float
    processes: Literal["all", "main", "child"]
    delay: float

    @property
    def name(self) -> str:
        return f"{self.fault.name}/{self.moment}"


def matrix() -> list[tuple[Fault, Moment]]:
    """Every fault at every moment at which it makes sense."""
    rows: list[tuple[Fault, Moment]] = [(Fault("nothing"), "load")]
    kinds: tuple[Kind, ...] = ("kill", "stop")
    rows += [(Fault(kind, part), moment) for kind in kinds for part in PARTS for moment in MOMENTS]
    rows += [(Fault("term", "web"), moment) for moment in ("load", "drain")]
    rows += [(Fault("full-disk", engine), moment) for engine in ENGINES for moment in _BUSY]
    broken: tuple[Kind, ...] = ("reset", "half-close", "delay")
    for kind in broken:
        rows.append((Fault(kind, "web"), "load"))
        rows += [(Fault(kind, engine), moment) for engine in ENGINES for moment in _BUSY]
    rows += [(Fault("deliveries", order), "load") for order in _ORDERS[1:]]
    return rows


# Rows follow each other by this stride, which shares no factor with their number, so that neighbouring seeds differ.
_STRIDE = 37


def scenario(seed: int) -> Scenario:
    """What `seed` means: a walk through the whole matrix, the rest by chance."""
    rows = matrix()
    fault, moment = rows[seed * _STRIDE % len(rows)]
    random = Random(seed)
    order = random.choice((*_ORDERS, "plain", "plain"))
    if fault.kind == "deliveries":
        order = next(each for each in _ORDERS if each == fault.part)
    return Scenario(
        seed=seed,
        fault=fault,
        moment=moment,
        order=order,
        # A kill of 0 s: started again at once. 4 s and more outlast what an insert may take (2.5 s).
        seconds=random.choice((0.0, 0.0, 3.0, 5.0)) if fault.kind == "kill" else random.choice((1.0, 3.0, 4.5)),
        at=random.uniform(1.5, 3.5),
        processes=random.choice(("all", "all", "main", "child")),
        delay=random.choice((0.1, 0.5, 3.0)),
    )
