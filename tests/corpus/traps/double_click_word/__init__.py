"""A double click that selects a word. Broken: the words cannot be selected, and look like buttons."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Selects a word."""
    await page.locator("p").dblclick(position={"x": 20, "y": 8}, delay=20)


TRAP = Trap(signal="dead_click", drive=drive)
