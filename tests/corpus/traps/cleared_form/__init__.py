"""A button that puts a form back, which mutates nothing. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Clears the form."""
    await page.get_by_role("button", name="Clear").click()


TRAP = Trap(signal="dead_click", drive=drive)
