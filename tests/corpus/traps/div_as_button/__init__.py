"""A button built from a div. Broken: it only looks like one."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Wants to know more."""
    await page.locator("#card").click()


TRAP = Trap(signal="dead_click", drive=drive)
