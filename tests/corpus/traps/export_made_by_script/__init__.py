"""A file that the page makes itself and hands to the browser. Broken: it makes none."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Exports."""
    await page.locator("#export").click()


TRAP = Trap(signal="dead_click", drive=drive)
