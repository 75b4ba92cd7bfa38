"""A double click that opens an item: its first click answers nothing. Broken: nor does the second."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens it; if nothing opens, tries again at once."""
    for _ in range(2):
        await page.locator("#item").dblclick(delay=20)
        if await page.locator("#open").inner_text():
            return
        await page.wait_for_timeout(200)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
