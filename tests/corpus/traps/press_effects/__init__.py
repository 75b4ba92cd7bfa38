"""Buttons that show every press, as Ant Design and React Aria make them. Broken: that is all that they do."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Saves, once and again, and asks for help."""
    await page.wait_for_timeout(1500)
    for name in ("Save", "Help"):
        for _ in range(2):
            await page.get_by_role("button", name=name).click()
            await page.wait_for_timeout(3000)


TRAP = Trap(signal="dead_click", drive=drive)
