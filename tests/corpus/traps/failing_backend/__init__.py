"""A page whose requests fail, one after the other. Healthy: they are answered."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Waits for the price."""
    await page.wait_for_timeout(3500)


TRAP = Trap(signal="request_failures", drive=drive)
