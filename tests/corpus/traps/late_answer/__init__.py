"""A click that is answered late. Healthy: in time."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks."""
    await page.locator("#ask").click()


TRAP = Trap(signal="slow_click", drive=drive)
