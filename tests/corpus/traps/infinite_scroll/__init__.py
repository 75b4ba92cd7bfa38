"""A list that grows by the click. Broken: it does not grow."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Reads on."""
    await click_quickly(page, "#more", clicks=4, apart_ms=150)
    await page.mouse.wheel(0, 400)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
