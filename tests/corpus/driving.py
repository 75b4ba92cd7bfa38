"""Drives every twin of every trap by real input, several at once: most of the time a person waits."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, BrowserContext, Error, Playwright, async_playwright

from apps.demo.shoppers import DESKTOP, PHONE, SENT_MS, WATCHED_MS, executable, flags
from tests.corpus.tabs import chromium_with_tabs
from tests.corpus.trap import TWINS, Trap, Twin

# More would make Chromium late, and what is late looks like a page that does not answer.
_AT_ONCE: Final = 4
# What is sent on leaving is under way for a moment.
_LEAVING_MS: Final = 500


def drive_all(traps: Mapping[str, Trap], *, site: str) -> dict[tuple[str, Twin], list[str]]:
    """Visits every twin once; returns what went wrong, by (trap, twin): errors that the page threw."""
    return asyncio.run(_drive_all(traps, site))


async def _drive_all(traps: Mapping[str, Trap], site: str) -> dict[tuple[str, Twin], list[str]]:
    room = asyncio.Semaphore(_AT_ONCE)
    thrown: dict[tuple[str, Twin], list[str]] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=flags())

        async def visit(name: str, twin: Twin) -> None:
            async with room:
                try:
                    async with _profile(playwright, browser, traps[name]) as context:
                        thrown[name, twin] = await _visit(context, traps[name], f"{site}/{name}/{twin}.html")
                except (Error, AssertionError) as error:
                    # The others go on; the report is about all of them.
                    thrown[name, twin] = [f"It could not be driven: {error}"]

        await asyncio.gather(*(visit(name, twin) for name in traps for twin in TWINS))
        await browser.close()
    return thrown


@asynccontextmanager
async def _profile(playwright: Playwright, browser: Browser, trap: Trap) -> AsyncIterator[BrowserContext]:
    """A profile of one's own, on the screen that the trap is about."""
    if trap.tabs:
        async with chromium_with_tabs(playwright) as context:
            yield context
        return
    width, height = PHONE if trap.phone else DESKTOP
    context = await browser.new_context(
        viewport={"width": width, "height": height}, has_touch=trap.phone, is_mobile=trap.phone, accept_downloads=True
    )
    yield context
    await context.close()


async def _visit(context: BrowserContext, trap: Trap, address: str) -> list[str]:
    """One person on one page; returns what the page threw."""
    context.set_default_timeout(10_000)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(address)
    # The SDK learns first what mutates by itself.
    await page.wait_for_timeout(700)
    await trap.drive(page)
    await page.wait_for_timeout(SENT_MS if trap.phone else WATCHED_MS)
    for tab in context.pages:
        await tab.goto("about:blank")
    await page.wait_for_timeout(_LEAVING_MS)
    return errors
