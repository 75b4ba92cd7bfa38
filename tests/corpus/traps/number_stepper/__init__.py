"""Quick clicks on a stepper: somebody who wants seven of them is not angry. Broken: the plus does nothing."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks for six more."""
    for _ in range(6):
        await page.get_by_role("button", name="One more").click()
        await page.wait_for_timeout(150)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
