"""A form that is filled in and left, because its button stays grey. Healthy: it is sent."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Fills it in, and sends it if that is possible."""
    for name, text in (("Name", "Ada"), ("Street", "Sample Street"), ("City", "Lisbon")):
        await page.get_by_label(name).click()
        await page.keyboard.type(text, delay=15)
    await page.mouse.click(600, 500)
    if await page.locator("#send").is_enabled():
        await page.locator("#send").click()


TRAP = Trap(signal="form_abandoned", drive=drive)
