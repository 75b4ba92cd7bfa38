"""An answer inside an open shadow root. Broken: none."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Gives five stars."""
    await click_quickly(page, "star-rating button", clicks=5, apart_ms=140)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
