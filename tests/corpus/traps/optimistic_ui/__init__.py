"""A like that shows at once and is sent later. Broken: it neither shows nor is sent."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Likes it."""
    await page.locator("#like").click()


TRAP = Trap(signal="dead_click", drive=drive)
