"""Quick clicks on a stepper: somebody who wants seven of them is not angry. Broken: the plus does nothing."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks for six more."""
    await click_quickly(page, "#more", clicks=6, apart_ms=150)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
