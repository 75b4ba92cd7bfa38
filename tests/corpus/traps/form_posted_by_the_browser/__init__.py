"""A form that the browser itself posts, three times. Broken: each is refused, and its page shown anew."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Enters three vouchers."""
    for code in ("SPRING", "WELCOME", "FRIENDS"):
        await page.get_by_label("Voucher").fill(code)
        async with page.expect_navigation():
            await page.get_by_role("button", name="Redeem").click()
        await page.wait_for_timeout(900)


TRAP = Trap(signal="form_retry", drive=drive)
