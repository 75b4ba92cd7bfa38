"""What a trap is, and where they all are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, TypeAlias

from playwright.async_api import Page

FOLDER: Final = Path(__file__).parent / "traps"

Twin: TypeAlias = Literal["healthy", "broken"]
TWINS: Final[tuple[Twin, Twin]] = ("healthy", "broken")


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A way to be wrong about frustration.

    `signal`: what the broken twin must give; the healthy one must give none of any kind. `drive`: what a person does on
    either twin, by real input. `phone`: on a phone's screen, with touch. `tabs`: in a Chromium of its own, where a tab
    that is brought to the front hides the others. `others`: kinds that the broken twin may give
    besides, because what is broken shows in several ways; nothing else may be found.
    """

    signal: str
    drive: Callable[[Page], Awaitable[None]]
    phone: bool = False
    tabs: bool = False
    others: tuple[str, ...] = ()


def all_traps() -> dict[str, Trap]:
    """Every trap by its folder's name."""
    names = sorted(folder.name for folder in FOLDER.iterdir() if (folder / "__init__.py").exists())
    return {name: import_module(f"tests.corpus.traps.{name}").TRAP for name in names}
