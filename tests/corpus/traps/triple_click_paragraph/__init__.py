"""Three clicks that select a paragraph. Broken: text that looks clickable, cannot be selected, and does nothing."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Selects the paragraph, twice."""
    for _ in range(2):
        await page.locator("article").click(click_count=3, delay=30)
        await page.wait_for_timeout(250)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
