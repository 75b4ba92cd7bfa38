"""One box that searches the choices of several selects, as Select2 has it. Broken: its list finds nothing."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Chooses in each select, by a key and by a click; where nothing is found, asks for something else."""
    for number, query in enumerate(("li", "lo", "be", "ber")):
        if not await page.locator("#box").is_visible():
            await page.locator(".select").nth(number).click()
        else:
            await page.locator("#query").click()
            await page.keyboard.press("Control+a")
        await page.keyboard.type(query, delay=15)
        await page.wait_for_timeout(300)
        if number % 2 and await page.get_by_role("option").count():
            await page.get_by_role("option").first.click()
        else:
            await page.keyboard.press("Enter")
        await page.wait_for_timeout(300)
        if await page.locator("#box").is_visible():
            await page.locator("h1").click()


TRAP = Trap(signal="repeated_search", drive=drive, others=("field_struggle",))
