"""A banner that comes late pushes another link under the pointer. Healthy: its place was kept."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Points at the second row, and clicks at once when the banner is there."""
    await page.mouse.move(60, 100)
    await page.wait_for_selector("body.ready", timeout=15_000)
    await page.mouse.click(60, 100)


TRAP = Trap(signal="layout_jump", drive=drive)
