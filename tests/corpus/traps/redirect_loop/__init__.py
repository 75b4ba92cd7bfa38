"""Pages that send each other back. Healthy: they do not."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Wants to sign in, and waits."""
    await page.get_by_role("link", name="Sign in").click()
    await page.wait_for_timeout(6000)


TRAP = Trap(signal="page_loop", drive=drive)
