"""What fast hands do. A locator's own click first asks the page whether it may, which takes longer than a finger."""

from playwright.async_api import Page


async def click_quickly(page: Page, selector: str, *, clicks: int, apart_ms: int = 120) -> None:
    """Clicks the middle of the first match of `selector`, so many ms from one click to the next."""
    box = await page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not to be seen."
    for _ in range(clicks):
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await page.wait_for_timeout(apart_ms)
