"""A stepper under a thumb, which answers when the thumb is lifted. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Taps it five times."""
    for _ in range(5):
        await page.locator("#more").tap()
        await page.wait_for_timeout(80)


TRAP = Trap(signal="rage_click", drive=drive, phone=True, others=("dead_click",))
