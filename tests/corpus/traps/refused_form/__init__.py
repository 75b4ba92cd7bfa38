"""A form sent three times. Healthy: each is accepted. Broken: each is refused."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Tries three coupons."""
    for code in ("SPRING", "WELCOME", "FRIENDS"):
        await page.get_by_label("Coupon").fill(code)
        await page.get_by_role("button", name="Apply").click()
        await page.wait_for_timeout(900)


TRAP = Trap(signal="form_retry", drive=drive)
