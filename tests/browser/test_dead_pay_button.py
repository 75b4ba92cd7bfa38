"""The way of one frustration through everything: a person clicks, a product manager reads why."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from apps.demo.shoppers import click_quickly, happy_visitor
from tests.demo.running import Running

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(240)]

# Seconds from the last click to the incident on the admin page.
WITHIN = 30


def test_five_clicks_on_the_dead_pay_button_are_an_incident_on_the_admin_page_within_30_seconds(
    product: Running, browser: BrowserContext
) -> None:
    demo = product.new_demo()
    admin = browser.new_page()
    admin.goto(demo.login)
    shop = browser.new_page()
    shop.goto(f"{product.url}/shop/checkout/")

    click_quickly(shop, "#pay", clicks=5)

    clicked_at = monotonic()
    incidents = f"{product.url}/admin/incidents/incident/?project__id__exact={demo.id}"
    sentence = re.compile(r"“Pay now” on /shop/checkout/ did not answer 5 clicks by 1 visitor\b.*rage clicks")
    while True:
        admin.goto(incidents)
        if admin.get_by_text(sentence).count():
            break
        assert monotonic() - clicked_at < WITHIN, (
            f"No such incident after {WITHIN} s. {admin.locator('body').inner_text()}"
        )
        admin.wait_for_timeout(500)

    admin.get_by_text(sentence).first.click()
    admin.wait_for_url("**/incidents/incident/*/change/**")
    expect(admin.get_by_text(sentence).first).to_be_visible()


def test_a_session_that_uses_the_shops_healthy_parts_opens_none(product: Running, browser: BrowserContext) -> None:
    demo = product.new_demo()
    page = browser.new_page()

    with without_page_errors(page):
        happy_visitor(page, f"{product.url}/shop/")

    product.wait_until_decided(demo)
    # The control is one only if it was seen: every click of it is stored, and every kind of page event.
    assert product.events(demo, "click") >= 5 + 3 + 4 + 3 + 2 + 3 + 3 + 2 + 1 + 1 + 1
    assert product.events(demo, "page") == product.events(demo, "leave") == 2
    assert product.events(demo, "error") == 0
    assert product.signals(demo) == []
    assert product.incidents(demo) == []


@contextmanager
def without_page_errors(page: Page) -> Iterator[None]:
    """Fails when a script of the page throws: a control that is broken itself shows nothing."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield
    assert errors == []
