"""The shoppers of the recording: what each does in the shop, by real input in real Chromium.

Waits between actions are part of the behaviour (people read), not a way to await something. They are short, so that a
replay at the recorded pace takes well under half a minute.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

# The SDK watches a page for 2,500 ms after a click; a shopper who stays longer proves that nothing answered.
WATCHED_MS = 2_700
# The SDK sends a click at most 5,000 ms after it. While a page is being left, Chromium has already taken back what made
# it a phone, so the phones stay until their clicks were sent.
SENT_MS = 5_300
# Without these, Chromium asks its own servers for this and that while a page is looked at.
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ADDRESS = {"#name": "Ada Example", "#street": "1 Sample Street", "#postcode": "1000", "#city": "Lisbon"}
DESKTOP = (1440, 900)
PHONE = (390, 844)


class ChromiumMissingError(Exception):
    """No Chromium was found."""


@dataclass(frozen=True)
class Shopper:
    """One shopper: `visit` drives a fresh page that stands before the shop's home page at the given address."""

    name: str
    visit: Callable[[Page, str], None]
    phone: bool = False


def executable() -> str:
    """The path of the system's Chromium. Raises ChromiumMissingError."""
    path = os.environ.get("IRK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise ChromiumMissingError("Chromium was not found. Install it, or set IRK_CHROMIUM to its path.")
    return path


def flags() -> list[str]:
    """What Chromium is started with."""
    # Its sandbox refuses to start as root.
    return [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium with a fresh profile, which Playwright deletes. Raises ChromiumMissingError."""
    return playwright.chromium.launch(executable_path=executable(), args=flags())


@contextmanager
def chromium(playwright: Playwright, *, phone: bool = False) -> Iterator[BrowserContext]:
    """A Chromium of its own, as on a desk or as on a phone. Raises ChromiumMissingError."""
    width, height = PHONE if phone else DESKTOP
    browser = launch(playwright)
    try:
        yield browser.new_context(
            viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone, locale="en-GB"
        )
    finally:
        browser.close()


def _buyer(page: Page, shop: str) -> None:
    """Buys a lamp, fills the address in, and clicks Pay five times because nothing happens."""
    page.goto(shop)
    page.wait_for_timeout(900)
    page.get_by_role("link", name="Arc lamp").first.click()
    page.wait_for_timeout(800)
    page.locator("#add").click()
    page.wait_for_timeout(500)
    page.locator("#added a").click()
    page.wait_for_timeout(700)
    page.locator("#to-checkout").click()
    fill_address(page)
    click_quickly(page, "#pay", clicks=5)
    page.wait_for_timeout(WATCHED_MS)
    leave(page)


def _patient_buyer(page: Page, shop: str) -> None:
    """Clicks Pay, waits, tries once more, and gives up."""
    _put_in_cart(page, shop, "stone-mug")
    page.goto(f"{shop}checkout/")
    fill_address(page)
    page.locator("#pay").click()
    page.wait_for_timeout(WATCHED_MS + 300)
    page.locator("#pay").click()
    page.wait_for_timeout(WATCHED_MS)
    leave(page)


def _phone_buyer(page: Page, shop: str) -> None:
    """Taps Pay four times on a phone."""
    page.goto(f"{shop}products/wall-clock/")
    page.wait_for_timeout(500)
    page.locator("#add").tap()
    page.wait_for_timeout(400)
    page.goto(f"{shop}checkout/")
    page.wait_for_timeout(600)
    page.locator("#pay").scroll_into_view_if_needed()
    for _ in range(4):
        page.locator("#pay").tap()
        page.wait_for_timeout(180)
    page.wait_for_timeout(SENT_MS)
    leave(page)


def _bargain_hunter(page: Page, shop: str) -> None:
    """Tries three coupons; none is taken."""
    _put_in_cart(page, shop, "desk-tray")
    page.goto(f"{shop}cart/")
    for code in ("SPRING", "WELCOME", "FRIENDS"):
        page.locator("#code").fill(code)
        with page.expect_response("**/coupons/"):
            page.locator("#apply").click()
        page.wait_for_timeout(1_600)
    page.wait_for_timeout(WATCHED_MS)
    leave(page)


def _searcher(page: Page, shop: str) -> None:
    """Searches twice; the search throws."""
    page.goto(shop)
    page.wait_for_timeout(700)
    for query in ("lamp", "light"):
        page.locator("#query").fill(query)
        page.locator("#search-button").click()
        page.wait_for_timeout(WATCHED_MS)
    page.get_by_role("link", name="Arc lamp").first.click()
    page.wait_for_timeout(1_200)
    leave(page)


def _phone_searcher(page: Page, shop: str) -> None:
    """Opens the menu, searches once on a phone, and leaves."""
    page.goto(shop)
    page.wait_for_timeout(600)
    page.locator("#menu-button").tap()
    page.wait_for_timeout(700)
    page.locator("#query").fill("mug")
    page.locator("#search-button").tap()
    page.wait_for_timeout(SENT_MS)
    leave(page)


def happy_visitor(page: Page, shop: str) -> None:
    """Uses every healthy part, at the pace of a rage click where that is natural. Nothing here may become a signal."""
    page.goto(f"{shop}products/arc-lamp/")
    page.wait_for_timeout(500)
    click_quickly(page, "#more", clicks=5)
    click_quickly(page, "#fewer", clicks=3)
    click_quickly(page, "#next", clicks=4)
    click_quickly(page, "#previous", clicks=3)
    page.locator("#story").dblclick()
    page.wait_for_timeout(400)
    page.locator("#story").click(click_count=3, delay=20)
    click_quickly(page, "#favourite", clicks=3)
    page.locator("#menu-button").click()
    page.wait_for_timeout(300)
    page.locator("#menu-button").click()
    page.locator("#add").click()
    page.wait_for_timeout(WATCHED_MS)
    page.locator("#added a").click()
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Remove Arc lamp").click()
    page.wait_for_timeout(WATCHED_MS)
    leave(page)


def _reader(page: Page, shop: str) -> None:
    """Looks at two products and opens the returns page in a new tab."""
    page.goto(shop)
    page.wait_for_timeout(800)
    page.get_by_role("link", name="Field notebook").first.click()
    page.wait_for_timeout(900)
    with page.context.expect_page() as opened:
        page.locator("footer").get_by_role("link", name="Returns").click()
    opened.value.wait_for_timeout(800)
    opened.value.close()
    page.go_back()
    page.wait_for_timeout(900)
    page.get_by_role("link", name="Stone mug").first.click()
    page.wait_for_timeout(1_000)
    leave(page)


SHOPPERS: tuple[Shopper, ...] = (
    Shopper("buyer", _buyer),
    Shopper("patient-buyer", _patient_buyer),
    Shopper("phone-buyer", _phone_buyer, phone=True),
    Shopper("bargain-hunter", _bargain_hunter),
    Shopper("searcher", _searcher),
    Shopper("phone-searcher", _phone_searcher, phone=True),
    Shopper("happy-visitor", happy_visitor),
    Shopper("reader", _reader),
)


def click_quickly(page: Page, selector: str, *, clicks: int) -> None:
    """Clicks quickly, 150 ms apart, by the mouse alone: no waiting for the element to be ready, as no person does."""
    box = page.locator(selector).bounding_box()
    if box is None:
        raise RuntimeError(f"{selector} is not on the page.")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(clicks):
        page.mouse.click(x, y)
        page.wait_for_timeout(150)


def fill_address(page: Page) -> None:
    """Types an address. The SDK must not send any of it."""
    for field, value in _ADDRESS.items():
        page.locator(field).fill(value)
        page.wait_for_timeout(200)


def leave(page: Page) -> None:
    """Leaves the shop, which makes the SDK send what it still holds."""
    page.goto("about:blank")
    page.wait_for_timeout(500)


def _put_in_cart(page: Page, shop: str, slug: str) -> None:
    page.goto(f"{shop}products/{slug}/")
    page.wait_for_timeout(500)
    page.locator("#add").click()
    page.wait_for_timeout(400)
