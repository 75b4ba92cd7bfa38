"""A link to a page that has nothing, so that people go back at once. Healthy: they stay."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Follows the link; reads what there is, or goes back."""
    await page.get_by_role("link", name="Oak tables").click()
    await page.wait_for_timeout(900)
    if await page.get_by_text("Nothing here").count():
        await page.go_back()
        return
    await page.get_by_role("button", name="Details").click()
    await page.wait_for_timeout(5500)
    await page.go_back()


TRAP = Trap(signal="quick_back", drive=drive)
