"""A picture that fills the screen. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Wants it larger."""
    await page.get_by_role("button", name="Full screen").click()


TRAP = Trap(signal="dead_click", drive=drive)
