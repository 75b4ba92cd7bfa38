"""A card dragged by the pointer. Broken: it cannot be moved, and people press it again and again."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Drags the card; where it stays, presses on it."""
    for _ in range(4):
        await page.mouse.move(100, 80)
        await page.mouse.down()
        await page.mouse.move(102, 82)
        await page.mouse.move(300, 200, steps=4) if await page.locator("#card.live").count() else None
        await page.mouse.up()
        await page.wait_for_timeout(100)
        if await page.locator("#card.live").count():
            return


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
