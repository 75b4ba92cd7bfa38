"""A button that ticks boxes by script, which mutates nothing. Broken: it ticks none."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Selects all."""
    await page.get_by_role("button", name="Select all").click()


TRAP = Trap(signal="dead_click", drive=drive)
