"""A plus button that moves a slider by one. Broken: it does not."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Makes it louder."""
    await click_quickly(page, "#louder", clicks=5)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
