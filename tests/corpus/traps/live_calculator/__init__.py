"""A calculator that answers as one types, and has nothing to send. Broken: an application that cannot be sent."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Fills it in."""
    for name, text in (("Sum", "1000"), ("Rate", "3")):
        await page.get_by_label(name).click()
        await page.keyboard.type(text, delay=15)


TRAP = Trap(signal="form_abandoned", drive=drive)
