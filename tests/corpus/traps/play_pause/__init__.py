"""A button that plays and pauses, and changes nothing that can be seen. Broken: it is dead."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Plays, pauses, plays."""
    await click_quickly(page, "#play", clicks=4, apart_ms=220)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
