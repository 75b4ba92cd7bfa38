"""A handler that answers before the click has bubbled, and stops it. Broken: it stops it and answers nothing."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Counts quickly."""
    await click_quickly(page, "#count", clicks=5, apart_ms=140)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
