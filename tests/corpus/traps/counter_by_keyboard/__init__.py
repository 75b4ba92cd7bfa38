"""A counter that people raise with the Enter key. Broken: it stands still."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Presses it five times."""
    await page.locator("#more").focus()
    for _ in range(5):
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(120)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
