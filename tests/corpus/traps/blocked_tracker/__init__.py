"""An answered click, told to a tracker that a blocker stops. Broken: the shop's own server does not take it."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Puts something into the cart."""
    await page.get_by_role("button", name="Add to cart").click()


TRAP = Trap(signal="error_click", drive=drive, others=("request_failures",))
