"""Somebody double-clicks whatever is to be clicked once. Broken: one of the buttons does nothing."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Reads about delivery, and saves."""
    for name in ("Delivery", "Save"):
        await page.get_by_role("button", name=name).dblclick(delay=40)
        await page.wait_for_timeout(2600)


TRAP = Trap(signal="dead_click", drive=drive)
