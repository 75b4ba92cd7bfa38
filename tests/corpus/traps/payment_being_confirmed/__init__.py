"""A page that loads itself anew until a payment is confirmed. Broken: it does not, so people reload it."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Waits, and reloads if nothing happens, twice at most."""
    await page.wait_for_timeout(6000)
    for _ in range(2):
        if await page.get_by_text("Thank you").count():
            return
        await page.reload()
        await page.wait_for_timeout(2000)


TRAP = Trap(signal="reload_burst", drive=drive)
