"""A form that the app checks by itself. Healthy: a slip is corrected. Broken: a good postcode is refused, always."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Gives a postcode that is too short, and corrects it; whoever is refused still tries once more."""
    for code in ("1010", "10115", "10115 "):
        await page.get_by_label("Postcode").fill(code)
        await page.get_by_role("button", name="Save").click()
        await page.wait_for_timeout(900)
        if await page.get_by_text("Saved").is_visible():
            return


TRAP = Trap(signal="form_retry", drive=drive)
