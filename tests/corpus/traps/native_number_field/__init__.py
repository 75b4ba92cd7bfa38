"""The small arrows of a number field, which are the browser's. Broken: arrows that are drawn."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Clicks the upper arrow quickly."""
    box = await page.locator("#guests").bounding_box()
    assert box is not None
    for _ in range(4):
        await page.mouse.click(box["x"] + box["width"] - 8, box["y"] + 5)
        await page.wait_for_timeout(120)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
