"""A modal closed by a click beside it. Broken: the backdrop holds people."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens the modal and clicks beside it until it is gone."""
    await page.locator("#open").click()
    for _ in range(4):
        await page.wait_for_timeout(150)
        if await page.locator("#backdrop").is_hidden():
            return
        await page.mouse.click(60, 700)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
