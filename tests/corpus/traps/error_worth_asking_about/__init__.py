"""An error message that is copied, to ask somebody what it means. Healthy: ordinary text is copied."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Uploads, and copies what the page says."""
    await page.locator("#send").click()
    await page.locator(".text").click(click_count=3, delay=30)
    await page.keyboard.press("Control+c")


TRAP = Trap(signal="copied_error", drive=drive)
