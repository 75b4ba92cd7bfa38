"""A click that opens something. Broken: its handler throws."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens the details."""
    await page.get_by_role("button", name="Details").click()


TRAP = Trap(signal="error_click", drive=drive, others=("dead_click",))
