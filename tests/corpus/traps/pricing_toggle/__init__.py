"""A pricing toggle, flipped to and fro to compare. Broken: nothing flips."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Compares."""
    await click_quickly(page, "#toggle", clicks=5, apart_ms=180)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
