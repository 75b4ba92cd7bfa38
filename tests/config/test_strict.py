import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings.strict import StrictEnv

env = StrictEnv()


@pytest.mark.parametrize("value", ["maybe", "2", "TRUE!"])
def test_a_flag_that_is_neither_true_nor_false_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IRK_FLAG", value)
    with pytest.raises(ImproperlyConfigured, match="IRK_FLAG must be true or false"):
        env.flag("IRK_FLAG", default=False)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "1e3"])
def test_a_number_below_one_or_no_number_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IRK_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="IRK_NUMBER must be a whole number"):
        env.positive("IRK_NUMBER", default=1)


@pytest.mark.parametrize(
    "value", ["clickhouse://", "http://host", "host:9000", "clickhouse://host:port/x", "not an address"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("IRK_URL", value)
    with pytest.raises(ImproperlyConfigured, match="IRK_URL must be an address such as clickhouse://") as caught:
        env.url("IRK_URL", schemes=("clickhouse",))
    assert value not in str(caught.value).replace("clickhouse://host:port/…", "")


def test_a_missing_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IRK_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match="IRK_URL is not set"):
        env.url("IRK_URL", schemes=("redis",))


def test_a_choice_outside_the_list_is_refused_with_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRK_CHOICE", "LOUD")
    with pytest.raises(ImproperlyConfigured, match="IRK_CHOICE must be one of INFO, ERROR"):
        env.choice("IRK_CHOICE", default="INFO", choices=("INFO", "ERROR"))
