"""One field that takes one item after another. Broken: it refuses each, and keeps it."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Adds four things to a list."""
    for item in ("milk", "bread", "eggs", "tea"):
        await page.locator("#what").click()
        await page.keyboard.press("Control+a")
        await page.keyboard.type(item, delay=15)
        await page.get_by_role("button", name="Add").click()
        await page.wait_for_timeout(600)


TRAP = Trap(signal="field_struggle", drive=drive)
