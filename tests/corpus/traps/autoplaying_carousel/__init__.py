"""A carousel that plays by itself, leafed through by hand. Broken: the hand does nothing."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Waits a little, and leafs on."""
    await page.wait_for_timeout(3500)
    await click_quickly(page, "#next", clicks=5, apart_ms=140)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
