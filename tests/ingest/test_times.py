"""When an event happened, whatever the browser's clock says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ingest.times import NEWEST, OLDEST, place, place_all, skew_of

NOW = 1_795_435_200_000  # 2026-11-23 12:00 UTC
DAY = 86_400_000


@pytest.mark.parametrize(("off", "skew"), [(0, 0), (30_000, 0), (-30_000, 0), (30_001, 30_001), (-30_001, -30_001)])
def test_a_clock_within_30_s_is_taken_at_its_word(off: int, skew: int) -> None:
    assert skew_of(origin=NOW - off - 5000, sent_mono=5000, received=NOW) == skew


@pytest.mark.parametrize("years", [-10, 10, 4000, -4000])
def test_a_clock_that_is_years_off_is_corrected_and_marked(years: int) -> None:
    origin = NOW - 5000 + years * 365 * DAY
    skew = skew_of(origin=origin, sent_mono=5000, received=NOW)
    placing = place(origin=origin, t=4000, skew=skew, received=NOW)
    assert (placing.ts, placing.flags, placing.evaluable) == (NOW - 1000, ("skew_corrected",), True)


def test_a_laptop_that_slept_is_placed_by_its_page_s_own_timeline() -> None:
    # Opened 9 h ago and slept 8 of them, which its monotonic clock did not count.
    origin, hour = NOW - 9 * 3_600_000, 3_600_000
    skew = skew_of(origin=origin, sent_mono=hour, received=NOW)
    assert place(origin=origin, t=hour - 2000, skew=skew, received=NOW).ts == NOW - 2000


@pytest.mark.parametrize(
    ("age", "flags"),
    [
        (7 * DAY, ()),
        (7 * DAY + 1, ("too_old",)),
        (0, ()),
        (-300_000, ()),
        (-300_001, ("too_new",)),
    ],
)
def test_what_is_too_old_or_too_new_is_marked_and_never_evaluated(age: int, flags: tuple[str, ...]) -> None:
    placing = place(origin=NOW - 8 * DAY, t=8 * DAY - age, skew=0, received=NOW)
    assert (placing.flags, placing.evaluable) == (flags, not flags)


def test_how_a_batch_was_split_or_resent_does_not_move_an_event() -> None:
    placings = {
        place(
            origin=NOW - 5000,
            t=4000,
            skew=skew_of(origin=NOW - 5000, sent_mono=mono, received=NOW + late),
            received=NOW + late,
        )
        for mono, late in ((5000, 0), (5000, 29_000), (65_000, 60_000), (4_000, -1000))
    }
    assert {placing.ts for placing in placings} == {NOW - 1000}


_EXACT = st.integers(-(2**53), 2**53)


@given(origin=_EXACT, sent_mono=_EXACT, t=st.integers(0, 2**32 - 1), received=st.integers(0, 4_102_444_800_000))
def test_no_time_is_beyond_what_the_store_can_hold(origin: int, sent_mono: int, t: int, received: int) -> None:
    skew = skew_of(origin=origin, sent_mono=sent_mono, received=received)
    placing = place(origin=origin, t=t, skew=skew, received=received)
    for moment in (placing.client_ts, placing.ts):
        assert -2_208_988_800_000 <= moment <= 10_413_791_999_999
    assert placing.evaluable == (received - 7 * DAY <= origin + t + skew <= received + 300_000)


# Around every border, and anywhere at all.
_MOMENTS = st.one_of(
    st.integers(min_value=NOW - OLDEST - 3, max_value=NOW - OLDEST + 3),
    st.integers(min_value=NOW + NEWEST - 3, max_value=NOW + NEWEST + 3),
    st.integers(min_value=-(2**53), max_value=2**53),
)


@given(
    origin=_MOMENTS,
    ts=st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**32)), max_size=5),
    skew=st.one_of(st.just(0), st.integers(-(2**53), 2**53)),
)
def test_a_batch_is_placed_like_its_events_one_by_one(origin: int, ts: list[int], skew: int) -> None:
    together = place_all(origin=origin, ts=ts, skew=skew, received=NOW)
    alone = [place(origin=origin, t=t, skew=skew, received=NOW) for t in ts]
    assert together.client_ts == [placing.client_ts for placing in alone]
    assert together.ts == [placing.ts for placing in alone]
    assert together.flags == [placing.flags for placing in alone]
    assert together.evaluable == [placing.evaluable for placing in alone]
