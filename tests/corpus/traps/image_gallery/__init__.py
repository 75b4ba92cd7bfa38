"""A carousel, leafed through quickly: only a style moves. Broken: it does not move."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Leafs on."""
    await click_quickly(page, "#next", clicks=5, apart_ms=140)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
