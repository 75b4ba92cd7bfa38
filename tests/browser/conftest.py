"""A running product and a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from apps.demo.shoppers import chromium
from tests.demo.running import Running, running_product


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole product as processes: engines, web, worker and beat."""
    with running_product(tmp_path_factory.mktemp("browser") / "data") as running:
        yield running


@pytest.fixture
def browser() -> Iterator[BrowserContext]:
    """A Chromium with a fresh profile."""
    with sync_playwright() as playwright, chromium(playwright) as context:
        yield context
