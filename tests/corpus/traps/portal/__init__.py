"""A menu that renders elsewhere in the document. Broken: it never renders."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens the menu."""
    await page.locator("#menu").click()


TRAP = Trap(signal="dead_click", drive=drive)
