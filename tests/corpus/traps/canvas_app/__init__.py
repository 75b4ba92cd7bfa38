"""Dabs of paint on a canvas, and a button that takes them back: nothing in the document changes.

Broken: the button is dead.
"""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Dabs, and takes two back."""
    for step in range(5):
        await page.locator("#paper").click(position={"x": 60 + 4 * step, "y": 80})
        await page.wait_for_timeout(120)
    await page.wait_for_timeout(600)
    await click_quickly(page, "#undo", clicks=4, apart_ms=150)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
