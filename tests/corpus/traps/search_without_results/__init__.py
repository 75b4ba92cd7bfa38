"""A search that finds nothing, tried with other words. Healthy: the first result is opened."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Searches until something is found."""
    for query in ("oak table", "table", "desk oak", "desk"):
        await page.get_by_label("Search").click()
        await page.keyboard.press("Control+a")
        await page.keyboard.type(query, delay=15)
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(900)
        if await page.locator("#results a").count():
            await page.locator("#results a").click()
            return


TRAP = Trap(signal="repeated_search", drive=drive)
