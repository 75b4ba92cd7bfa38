"""A page that throws the same error again and again. Healthy: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Looks at the chart."""
    await page.wait_for_timeout(4500)


TRAP = Trap(signal="error_burst", drive=drive)
