"""A button beside a carousel that turns every 3 s. Broken: the carousel turns on, the button is dead."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Orders soon, before anybody can know that the carousel turns by itself, and again later."""
    for wait_ms in (1500, 9000):
        await page.wait_for_timeout(wait_ms)
        await page.click("#order")
    await page.wait_for_timeout(3000)


TRAP = Trap(signal="dead_click", drive=drive)
