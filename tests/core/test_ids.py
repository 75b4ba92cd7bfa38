from hypothesis import given
from hypothesis import strategies as st

from apps.core.ids import derived_id

part = st.one_of(st.text(), st.integers())


def test_the_same_parts_give_the_same_id_on_every_machine() -> None:
    assert str(derived_id("project", 7, "“Pay now”")) == "50af3d2a-1c4c-8238-431f-138b9b015fe3"


@given(st.lists(part, max_size=4), st.lists(part, max_size=4))
def test_different_parts_give_different_ids(left: list[str | int], right: list[str | int]) -> None:
    same_parts = [(type(p), p) for p in left] == [(type(p), p) for p in right]
    assert (derived_id(*left) == derived_id(*right)) == same_parts


def test_a_number_and_its_text_differ() -> None:
    assert derived_id(1) != derived_id("1")
