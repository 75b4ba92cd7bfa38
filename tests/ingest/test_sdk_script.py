"""The SDK's script as it is served: compressed, revalidated, from both lists of addresses."""

import gzip
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from apps.ingest import sdk_script

SCRIPT = b"'the SDK';" * 500


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build of the SDK in a folder of its own."""
    file = tmp_path / "irk.js"
    file.write_bytes(SCRIPT)
    monkeypatch.setattr(sdk_script, "_BUILD", file)
    return file


@pytest.fixture(params=["config.urls", "config.ingest_urls"])
def browser(request: pytest.FixtureRequest, settings: Settings) -> Client:
    settings.ROOT_URLCONF = request.param
    return Client()


def _get(browser: Client, **headers: str) -> Any:
    return browser.get("/sdk/irk.js", headers=headers)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP; q=0.8"])
def test_a_browser_gets_the_script_compressed(browser: Client, accepted: str) -> None:
    answer = _get(browser, accept_encoding=accepted)
    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert gzip.decompress(answer.content) == SCRIPT
    assert int(answer["Content-Length"]) == len(answer.content) < len(SCRIPT) / 10


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0, identity"])
def test_who_does_not_take_gzip_gets_the_script_as_it_is(browser: Client, accepted: str) -> None:
    answer = _get(browser, accept_encoding=accepted)
    assert "Content-Encoding" not in answer
    assert "Accept-Encoding" in answer["Vary"]
    assert answer.content == SCRIPT


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("accepted", ["gzip", ""])
def test_a_cache_that_has_the_build_is_answered_without_a_body(browser: Client, accepted: str) -> None:
    first = _get(browser, accept_encoding=accepted)
    again = _get(browser, accept_encoding=accepted, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    kept = ("ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy")
    assert {name: again[name] for name in kept} == {name: first[name] for name in kept}


@pytest.mark.usefixtures("built")
def test_the_two_encodings_are_told_apart(browser: Client) -> None:
    as_it_is, zipped = _get(browser), _get(browser, accept_encoding="gzip")
    assert as_it_is["ETag"] != zipped["ETag"]
    assert _get(browser, accept_encoding="gzip", if_none_match=as_it_is["ETag"]).status_code == 200


def test_a_new_build_of_the_same_size_is_served_at_once(browser: Client, built: Path) -> None:
    first = _get(browser)
    built.write_bytes(SCRIPT.replace(b"SDK", b"sdk"))
    os.utime(built, ns=(0, 0))  # whatever the file system's clock, a time other than the first
    again = _get(browser, if_none_match=first["ETag"])
    assert (again.status_code, again.content[:9]) == (200, b"'the sdk'")


@pytest.mark.usefixtures("built")
def test_the_script_is_compressed_once_per_build(browser: Client) -> None:
    _get(browser)
    before = sdk_script._read.cache_info()
    _get(browser, accept_encoding="gzip")
    after = sdk_script._read.cache_info()
    assert (after.misses, after.hits) == (before.misses, before.hits + 1)


@pytest.mark.usefixtures("built")
def test_the_head_of_the_script_is_that_of_its_body(browser: Client) -> None:
    head = browser.head("/sdk/irk.js", headers={"accept-encoding": "gzip"})
    body = _get(browser, accept_encoding="gzip")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == body.headers


def test_an_sdk_that_is_not_built_says_how_to_build_it(browser: Client, built: Path) -> None:
    built.unlink()
    answer = _get(browser, accept_encoding="gzip")
    assert answer.status_code == 404
    assert b"npm run build" in answer.content
