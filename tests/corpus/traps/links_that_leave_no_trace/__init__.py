"""Links to a new tab, a mail, a call, a download. Broken: a link to nowhere."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Tries each."""
    for name in ("first", "mail", "call", "file"):
        await page.locator(f"#{name}").click()
        # Longer than the SDK watches, so that none is taken for the answer to the one before.
        await page.wait_for_timeout(2_700)


TRAP = Trap(signal="dead_click", drive=drive)
