"""A button that leads a frame to another page. Broken: it leads nowhere."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Turns the page."""
    await page.get_by_role("button", name="Next page").click()


TRAP = Trap(signal="dead_click", drive=drive)
