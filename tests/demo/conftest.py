"""A running product for the tests that need all of it."""

from collections.abc import Iterator

import pytest

from tests.demo.running import Running, running_product


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole product as processes: engines, web, worker and beat."""
    with running_product(tmp_path_factory.mktemp("demo") / "data") as running:
        yield running
