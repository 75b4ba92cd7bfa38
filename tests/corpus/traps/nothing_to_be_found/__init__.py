"""Scrolling up and down for something that is not there. Healthy: it is there, and people scroll to it and back."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Looks for the return address."""
    await page.mouse.move(400, 400)
    await page.mouse.wheel(0, 600)
    await page.wait_for_timeout(500)
    for turn in range(1 if await page.locator("#address").count() else 8):
        await page.mouse.wheel(0, -500 if turn % 2 == 0 else 500)
        await page.wait_for_timeout(450)


TRAP = Trap(signal="scroll_thrash", drive=drive)
