"""A menu that the browser itself opens and closes, without a script and without a mutation. Broken: a button alone."""

from playwright.async_api import Page

from tests.corpus.hands import click_quickly
from tests.corpus.trap import Trap


async def drive(page: Page) -> None:
    """Opens and closes it twice."""
    await click_quickly(page, "#open", clicks=4)


TRAP = Trap(signal="rage_click", drive=drive, others=("dead_click",))
