"""A theme that comes as a rule of a style sheet, which mutates nothing. Broken: it stays light."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks for the dark."""
    await page.get_by_role("button", name="Dark").click()


TRAP = Trap(signal="dead_click", drive=drive)
