from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from apps.core.clock import from_ms, to_ms


@given(st.integers(min_value=-(10**13), max_value=10**14))
def test_milliseconds_survive_the_round_trip_exactly(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds


def test_another_zone_is_the_same_moment() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert to_ms(noon.astimezone(timezone(timedelta(hours=5, minutes=30)))) == to_ms(noon)
