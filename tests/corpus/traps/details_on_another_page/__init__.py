"""A form that asks for what stands on another page. Healthy: it tells it beside each field."""

from playwright.async_api import Page

from tests.corpus.trap import Trap

_FIELDS = ("Meter", "Customer", "Contract", "Tariff", "Bank")


async def drive(page: Page) -> None:
    """Fills it in. What the page does not tell is looked up in another tab, each time anew."""
    bill = await page.context.new_page()
    await bill.goto("about:blank")
    await page.bring_to_front()
    for field in _FIELDS:
        await page.get_by_label(field).click()
        if await page.locator(f"#{field.lower()}-hint").count() == 0:
            await bill.bring_to_front()
            await bill.wait_for_timeout(1_200)
            await page.bring_to_front()
        await page.keyboard.type("12345", delay=20)
    await page.get_by_role("button", name="Register").click()
    await page.locator("#done", has_text="Registered").wait_for()


TRAP = Trap(signal="tab_switching", drive=drive, tabs=True)
