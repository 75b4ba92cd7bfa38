"""The example apps, as a customer would build them: a rage click in each is an incident that says where."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from apps.demo.shoppers import click_quickly
from apps.embedded import ports
from tests.demo.running import DemoProject, Running

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(240)]

FOLDER = Path(__file__).resolve().parents[2] / "frontend-sdk" / "examples"
# What stands in the examples in place of a customer's own.
ADDRESS, KEY = "http://127.0.0.1:8000", "irk_pk_your_project"
# Seconds from the last click to the incident, on a machine that is busy.
WITHIN = 120


@dataclass(frozen=True)
class Example:
    """An example app, the command that serves it, and what an incident on its order page is called."""

    folder: str
    server: tuple[str, ...]
    route: str = "/orders/[id]"


_NEXT = ("node", "../node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port")
_VITE = ("node", "../node_modules/vite/bin/vite.js", "preview", "--host", "127.0.0.1", "--strictPort", "--port")

PLAIN = Example("plain", (sys.executable, "-m", "http.server", "--bind", "127.0.0.1"), "/orders/:id/")
VITE_REACT = Example("vite-react", _VITE, "/orders/:id")
NEXT_APP = Example("next-app", _NEXT)
NEXT_PAGES = Example("next-pages", _NEXT)


@pytest.mark.parametrize("example", [PLAIN, VITE_REACT, NEXT_APP, NEXT_PAGES], ids=lambda example: example.folder)
def test_a_rage_click_in_an_example_is_an_incident_with_its_route_and_component(
    product: Running, browser: BrowserContext, example: Example
) -> None:
    demo = product.new_demo()
    with served(example) as url:
        page = reporting_to(product, demo, browser.new_page())
        page.goto(url)
        page.get_by_role("link", name="Order 8412").click()
        page.get_by_role("heading", name="Order 8412").wait_for()
        # Where the link led to another document, its deferred script may still be on its way.
        page.wait_for_load_state("load")
        click_quickly(page, "[data-testid=pay]", clicks=5)
        clicked_at = monotonic()

        button = "[data-irk-component=Checkout] button[data-testid=pay]"
        group = {"label": "Pay now", "element": button, "route": example.route}
        while group not in [incident["group"] for incident in product.incidents(demo)]:
            assert monotonic() - clicked_at < WITHIN, f"No such incident in {product.incidents(demo)}"
            page.wait_for_timeout(500)


@pytest.mark.parametrize("example", [NEXT_APP, NEXT_PAGES], ids=lambda example: example.folder)
def test_each_transition_in_next_is_told_once_with_the_pattern_of_its_route(
    product: Running, browser: BrowserContext, example: Example
) -> None:
    demo = product.new_demo()
    order = "/orders/[id]"
    with served(example) as url:
        page = reporting_to(product, demo, browser.new_page())
        page.goto(url)
        follow(page, "Ann’s order", "Order ann")
        follow(page, "Orders", "Orders")
        page.go_back()
        page.get_by_role("heading", name="Order ann").wait_for()
        follow(page, "Close", "Orders")
        follow(page, "Order 8412", "Order 8412")
        page.reload()
        page.get_by_role("heading", name="Order 8412").wait_for()
        page.wait_for_timeout(1_000)
        page.go_back()
        page.get_by_role("heading", name="Orders").wait_for()
        follow(page, "Ann’s order", "Order ann")
        follow(page, "Orders", "Orders")
        page.reload()
        page.get_by_role("heading", name="Orders").wait_for()
        page.wait_for_timeout(1_000)
        # Nothing that was shown before the reload is known any more.
        page.go_back()
        page.get_by_role("heading", name="Order ann").wait_for()
        page.wait_for_timeout(6_000)

    assert product.pages(demo) == [
        *[("load", "/"), ("push", order), ("push", "/"), ("back", order), ("replace", "/"), ("push", order)],
        *[("reload", order), ("back", "/"), ("push", order), ("push", "/"), ("reload", "/"), ("back", order)],
    ]


def follow(page: Page, link: str, heading: str) -> None:
    """Clicks a link and waits for the page that it leads to."""
    page.get_by_role("link", name=link, exact=True).click()
    page.get_by_role("heading", name=heading).wait_for()


def reporting_to(product: Running, demo: DemoProject, page: Page) -> Page:
    """The page, with what it asks of the address in the examples answered by the product, for the demo's project."""

    def passed_on(route: Route) -> None:
        route.continue_(url=route.request.url.replace(ADDRESS, product.url).replace(KEY, demo.key))

    page.route(f"{ADDRESS}/**", passed_on)
    return page


@contextmanager
def served(example: Example) -> Iterator[str]:
    """The address of an example, while a server of its own serves it."""
    built = FOLDER / "node_modules" / ".irk-built"
    assert built.exists(), "The examples are not built: bin/test builds them before it runs the tests."
    port = ports.choose()
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [*example.server, str(port)],
        cwd=FOLDER / example.folder,
        env={**os.environ, "NEXT_TELEMETRY_DISABLED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_answering(url, server)
        yield url
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def wait_until_answering(url: str, server: subprocess.Popen[bytes]) -> None:
    """Returns when the server answers; fails when it ended, or takes more than a minute."""
    deadline = monotonic() + 60
    while True:
        try:
            with urlopen(url, timeout=10):  # noqa: S310 our own address
                return
        except HTTPError:
            raise
        except (URLError, OSError):
            assert server.poll() is None, f"The server of the example ended with {server.returncode}."
            assert monotonic() < deadline, "The server of the example did not answer within a minute."
            sleep(0.1)
