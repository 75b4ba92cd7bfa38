"""Three hundred prices that change from the start, and a button that somebody presses at once. Broken: it is dead."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Asks for an alert, and waits for what comes of it."""
    await page.locator("#alert").click()
    await page.wait_for_timeout(5000)


TRAP = Trap(signal="dead_click", drive=drive)
