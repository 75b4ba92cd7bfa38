"""A page that shows nothing, so that people reload it. Healthy: it is reloaded once, for news."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Reloads until something is there, three times at most."""
    for _ in range(3):
        await page.reload()
        await page.wait_for_timeout(1500)
        if await page.locator("#news").count():
            return


TRAP = Trap(signal="reload_burst", drive=drive, others=("page_loop",))
