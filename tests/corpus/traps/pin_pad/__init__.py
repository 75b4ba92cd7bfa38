"""A keypad that writes into a field by script, which mutates nothing. Broken: the key does nothing."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Types 7777."""
    await click_quickly(page, "#seven", clicks=4)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
