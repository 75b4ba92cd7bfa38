"""The demo shop's pages and its one endpoint."""

import re
from pathlib import Path

import pytest
from django.test import Client

from apps.demo import catalog, shop_key

PAGES = [
    "/shop/",
    *(f"/shop/products/{product.slug}/" for product in catalog.PRODUCTS),
    "/shop/cart/",
    "/shop/checkout/",
]


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRK_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_the_sdk_with_the_shops_key_under_a_policy_without_inline_scripts(path: str) -> None:
    shop_key.write("irk_pk_demo")

    response = Client().get(path)

    text = response.content.decode()
    assert response.status_code == 200
    assert re.search(r'<script src="/sdk/irk.js"\s+data-key="irk_pk_demo"', text)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\s(style|on[a-z]+)=", text)


def test_a_shop_without_a_key_says_that_it_is_not_reporting() -> None:
    text = Client().get("/shop/").content.decode()

    assert "/sdk/irk.js" not in text
    assert "manage.py seed_demo" in text


def test_the_key_is_readable_by_its_owner_only_and_replaced_at_once() -> None:
    shop_key.write("first")
    shop_key.write("second")

    assert shop_key.read() == "second"
    assert shop_key.path().stat().st_mode & 0o777 == 0o600
    assert [path.name for path in shop_key.path().parent.iterdir()] == ["demo-key"]


def test_every_coupon_is_refused() -> None:
    response = Client(enforce_csrf_checks=True).post("/shop/coupons/", {"code": "SPRING"})

    assert response.status_code == 422
    assert response.json() == {"message": "This code cannot be applied to your cart."}


def test_an_unknown_product_is_not_found() -> None:
    assert Client().get("/shop/products/teapot/").status_code == 404
