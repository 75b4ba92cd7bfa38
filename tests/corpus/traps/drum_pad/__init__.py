"""A drum pad: sound, and nothing to see. Broken: no sound either."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Drums."""
    await click_quickly(page, "#pad", clicks=8, apart_ms=110)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
