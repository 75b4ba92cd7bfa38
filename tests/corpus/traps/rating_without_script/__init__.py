"""Stars that are radio buttons under their labels, drawn by CSS alone. Broken: stars that are pictures."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Clicks the first star and thinks about it."""
    await click_quickly(page, "#star", clicks=4)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
