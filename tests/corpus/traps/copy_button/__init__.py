"""A copy button that says nothing when it has copied. Broken: it copies nothing."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Copies the code."""
    await page.locator("#copy").click()


TRAP = Trap(signal="dead_click", drive=drive)
