"""Native pickers, of which a page hears nothing. Broken: a home-made select that does not open."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens each."""
    await page.locator("#size").click()
    await page.keyboard.press("Escape")
    await page.wait_for_timeout(2700)
    await page.locator("summary").click()
    await page.locator("input[type=date]").click()
    await page.keyboard.press("Escape")
    async with page.expect_file_chooser():
        await page.locator("input[type=file]").click()
    async with page.expect_file_chooser():
        await page.locator("#photo").click()
    await page.wait_for_timeout(2700)


TRAP = Trap(signal="dead_click", drive=drive)
