"""Every click renders the list anew: the clicked node is gone. Broken: the votes do not count."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Votes five times."""
    await click_quickly(page, "[data-name=oak]", clicks=5, apart_ms=140)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
