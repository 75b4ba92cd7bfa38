"""Text dragged over and copied. Broken: it cannot be selected and looks clickable; people click it in vain."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Drags over the text, copies it, and clicks it."""
    box = await page.locator("#text").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 5, box["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 150, box["y"] + 8, steps=5)
    await page.mouse.up()
    await page.keyboard.press("Control+c")
    await page.wait_for_timeout(600)
    await page.locator("#text").click(position={"x": 60, "y": 8})


TRAP = Trap(signal="dead_click", drive=drive)
