"""A heart that only beats. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Likes the article."""
    await page.get_by_role("button", name="Like").click()


TRAP = Trap(signal="dead_click", drive=drive)
