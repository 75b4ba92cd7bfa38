"""A click whose handler blocks the page. Healthy: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Sorts."""
    await page.locator("#filter").click()


TRAP = Trap(signal="slow_interaction", drive=drive)
