"""A Chromium of one's own, in which one tab hides the other as on a desk.

In a context that Playwright made, every page believes that it is in front.
"""

import asyncio
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Playwright
from playwright.async_api import TimeoutError as ConnectionTimeout

from apps.demo.shoppers import DESKTOP, executable, flags

# Seconds for Chromium to say where it listens.
_STARTED_WITHIN = 30


@asynccontextmanager
async def chromium_with_tabs(playwright: Playwright) -> AsyncIterator[BrowserContext]:
    """Its only window, on a desk's screen. Raises ChromiumMissingError, TimeoutError."""
    with tempfile.TemporaryDirectory(prefix="irk-tabs-", ignore_cleanup_errors=True) as profile:
        width, height = DESKTOP
        process = await asyncio.create_subprocess_exec(
            executable(),
            *flags(),
            "--headless=new",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            f"--window-size={width},{height}",
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        try:
            port = await asyncio.wait_for(_port(Path(profile, "DevToolsActivePort")), _STARTED_WITHIN)
            browser = await _connected(playwright, f"http://127.0.0.1:{port}")
            yield browser.contexts[0]
            await browser.close()
        finally:
            process.terminate()
            await process.wait()


async def _connected(playwright: Playwright, address: str) -> Browser:
    try:
        return await playwright.chromium.connect_over_cdp(address, no_defaults=True)
    except ConnectionTimeout:
        # On a busy machine, one connection of many to a Chromium that is starting hears nothing for half a minute.
        return await playwright.chromium.connect_over_cdp(address, no_defaults=True)


async def _port(written: Path) -> str:
    while not (port := _first_line(written)):  # noqa: ASYNC110 a file tells nobody
        await asyncio.sleep(0.05)
    return port


def _first_line(path: Path) -> str:
    return path.read_text().partition("\n")[0] if path.exists() else ""
