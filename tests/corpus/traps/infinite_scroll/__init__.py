"""A list that grows by the click. Broken: it does not grow."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Reads on."""
    for _ in range(4):
        # Where it is now: it moves down as the list grows.
        await page.locator("#more").scroll_into_view_if_needed()
        await click_quickly(page, "#more", clicks=1, apart_ms=100)
    await page.mouse.wheel(0, 400)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
