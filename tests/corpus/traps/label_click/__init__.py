"""A label that moves to its control. Broken: it belongs to none."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Ticks the box by its label."""
    await page.get_by_text("I agree").click()


TRAP = Trap(signal="dead_click", drive=drive)
