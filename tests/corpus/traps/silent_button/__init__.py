"""One click on a button. Broken: nothing ever happens."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Subscribes."""
    await page.get_by_role("button", name="Subscribe").click()


TRAP = Trap(signal="dead_click", drive=drive)
