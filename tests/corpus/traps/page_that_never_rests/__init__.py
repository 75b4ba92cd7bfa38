"""A page that mutates all the time, and a button that works. Broken: the button is dead, whatever mutates."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Waits a little, and buys."""
    await page.wait_for_timeout(3500)
    await page.locator("#buy").click()


TRAP = Trap(signal="dead_click", drive=drive)
