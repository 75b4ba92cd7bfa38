"""Links to a new tab, a mail, a call, a download. Broken: a link to nowhere."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Tries each."""
    for name in ("first", "mail", "call", "file"):
        await page.locator(f"#{name}").click()
        await page.wait_for_timeout(700)


TRAP = Trap(signal="dead_click", drive=drive)
