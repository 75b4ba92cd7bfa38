"""Print too small for a phone, zoomed again and again. Healthy: it can be read."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Reads; where the print is tiny, pinches."""
    size = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('p')).fontSize)")
    browser = await page.context.new_cdp_session(page)
    for _ in range(4 if size < 8 else 1):
        await browser.send(
            "Input.synthesizePinchGesture", {"x": 40, "y": 50, "scaleFactor": 1.4, "relativeSpeed": 1200}
        )
        await page.wait_for_timeout(500)


TRAP = Trap(signal="zoom_struggle", drive=drive, phone=True)
