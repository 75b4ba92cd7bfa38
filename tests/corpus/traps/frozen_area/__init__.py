"""A pointer shaken over something that does not move. Healthy: over a drawing, which needs it."""

from playwright.async_api import Page

from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Moves to and fro."""
    for turn in range(16):
        await page.mouse.move(100 + 160 * (turn % 2), 120, steps=2)
        await page.wait_for_timeout(40)


TRAP = Trap(signal="thrashed_cursor", drive=drive)
