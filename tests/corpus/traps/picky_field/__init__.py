"""A field that takes nothing, cleared and filled again and again. Healthy: it takes the first."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Tries ways to write a number until one is taken."""
    await page.locator("#phone").click()
    for number in ("0301234", "030 1234", "+49 30 1234", "(030) 1234"):
        await page.keyboard.press("Control+a")
        await page.keyboard.press("Delete")
        await page.keyboard.type(number, delay=15)
        await page.keyboard.press("Enter")
        await page.wait_for_timeout(400)
        if await page.get_by_text("Thank you").count():
            break
    await page.mouse.click(600, 500)


TRAP = Trap(signal="field_struggle", drive=drive)
