import pytest
from django.core.exceptions import ValidationError

from apps.projects.origins import is_allowed, validate_origin

SHOP = "https://shop.example.com"


@pytest.mark.parametrize(
    ("origin", "allowed", "expected"),
    [
        (SHOP, [], True),
        (SHOP, [SHOP], True),
        ("https://SHOP.example.com", [SHOP], True),
        (None, [SHOP], True),
        ("null", [SHOP], False),
        ("http://shop.example.com", [SHOP], False),
        ("https://shop.example.com:8443", [SHOP], False),
        ("https://shop.example.com.evil.org", [SHOP], False),
        ("https://a.example.com", ["https://*.example.com"], True),
        ("https://a.b.example.com", ["https://*.example.com"], True),
        ("https://example.com", ["https://*.example.com"], False),
        ("https://evilexample.com", ["https://*.example.com"], False),
        ("http://a.example.com", ["https://*.example.com"], False),
    ],
)
def test_an_origin_is_allowed_only_when_the_list_names_it(
    origin: str | None, allowed: list[str], expected: bool
) -> None:
    assert is_allowed(origin, allowed=allowed) is expected


@pytest.mark.parametrize("value", [SHOP, "http://localhost:3000", "https://*.example.com", "http://[::1]:8000"])
def test_an_origin_is_accepted(value: str) -> None:
    validate_origin(value)


@pytest.mark.parametrize(
    "value", ["shop.example.com", SHOP + "/", SHOP + "/path", "*", "https://*", "https://a.*.com", "ftp://x"]
)
def test_what_is_no_origin_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ValidationError, match=r"Write it as https://shop\.example\.com"):
        validate_origin(value)
