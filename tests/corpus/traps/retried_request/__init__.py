"""A request that fails once, and that the app sends again by itself. Healthy: then it works. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks for the price, twice, and waits for it each time."""
    for _ in range(2):
        await page.get_by_role("button", name="Show price").click()
        await page.wait_for_timeout(2500)


TRAP = Trap(signal="error_click", drive=drive, others=("request_failures",))
