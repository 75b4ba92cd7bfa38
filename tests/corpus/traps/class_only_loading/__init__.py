"""A loading state that is a class name and nothing else. Broken: not even that."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Saves."""
    await page.locator("#save").click()


TRAP = Trap(signal="dead_click", drive=drive)
