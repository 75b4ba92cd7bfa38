"""A map, dragged, clicked, and zoomed quickly. Broken: its zoom button is dead."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Goes closer."""
    await page.mouse.move(200, 150)
    await page.mouse.down()
    await page.mouse.move(120, 100, steps=5)
    await page.mouse.up()
    await page.mouse.click(260, 160)
    await page.wait_for_timeout(500)
    await click_quickly(page, "#closer", clicks=5, apart_ms=130)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
