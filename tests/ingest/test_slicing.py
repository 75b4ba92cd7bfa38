"""Where events stand in a batch's text, and that a large batch in portions is the same batch."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.ingest import decoding, portioning, structure
from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal
from apps.ingest.slicing import slices_of
from tests.ingest.batches import Json, batch, click, encoded

LIMITS = Limits(wire_bytes=512 * 1024, inflated_bytes=2 * 1024 * 1024, events=500, event_bytes=32 * 1024)

_texts = st.text(alphabet='ab"\\[]{},: é😀', max_size=6)
_values = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    events=st.lists(_values, min_size=1, max_size=5),
    first=st.dictionaries(_texts, _values, max_size=3),
    last=st.dictionaries(_texts, _values, max_size=3),
    ascii_only=st.booleans(),
    spaces=st.booleans(),
)
@example(events=["\\"], first={"\\": '"'}, last={'"': "\\"}, ascii_only=True, spaces=False)
def test_every_event_is_found_where_it_stands(
    *, events: list[object], first: Json, last: Json, ascii_only: bool, spaces: bool
) -> None:
    value = {**first, "events": events, **last}
    body = json.dumps(value, ensure_ascii=ascii_only, separators=(" ,\n", "\t: ") if spaces else None).encode()
    slices = slices_of(body, LIMITS)
    assert [json.loads(body[begin:end]) for begin, end in slices.events] == events
    assert json.loads(slices.before + slices.after) == {**value, "events": []}


@pytest.mark.parametrize("piece", [2, 3, 7])
@settings(max_examples=50)
@given(value=st.lists(_texts | st.dictionaries(_texts, _texts, max_size=2), max_size=5))
def test_pieces_of_any_size_tell_the_same_of_a_text(piece: int, value: object) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    whole = structure._brackets_of(body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, "_PIECE", piece)
        assert structure._brackets_of(body) == whole


@pytest.mark.parametrize(
    "body",
    [
        b'{"v":1}',
        b'{"events":{"events":[1]}}',
        b'{"new":{"events":[1,2]}}',
        b'{"new":"events","a":[1]}',
        b"[[1]]",
        b"",
        b'"events"',
    ],
)
def test_a_text_without_an_array_of_events_has_no_slices(body: bytes) -> None:
    slices = slices_of(body, LIMITS)
    assert (slices.before, slices.after, slices.events) == (body, b"", [])


@pytest.mark.parametrize("name", [b'"events"', b'"\\u0065vents"', b'"event\\u0073"'])
def test_the_events_are_found_however_their_name_is_written(name: bytes) -> None:
    body = encoded(batch(click(1), click(2))).replace(b'"events"', name)
    assert decoding.decode(body, LIMITS).accepted == 2


@pytest.mark.parametrize("events", [b"[{}{}]", b'["a""b"]', b"[{},,{}]", b"[,]", b"[{},]", b"[1 2]", b'[{}"a"]'])
def test_events_without_a_comma_or_with_one_too_many_are_no_json(events: bytes) -> None:
    body = encoded(batch(click(1))).replace(b'"events":[', b'"new":[')[:-1] + b',"events":' + events + b"}"
    with pytest.raises(Refusal) as caught:
        decoding.decode(body, LIMITS)
    assert (caught.value.status, caught.value.code) == (400, "malformed")


def test_a_batch_that_is_large_besides_its_events_is_refused() -> None:
    room = LIMITS.event_bytes - len(encoded(batch(events=[], new="")))
    assert decoding.decode(encoded(batch(new="n" * room)), LIMITS).accepted == 1
    for place in ("first", "last"):
        value = batch(new="n" * (room + 1))
        body = encoded(value if place == "last" else dict(reversed(value.items())))
        with pytest.raises(Refusal, match="besides its events") as caught:
            decoding.decode(body, LIMITS)
        assert (caught.value.status, caught.value.code) == (400, "invalid_batch")


# --- portions


def all_of(body: bytes) -> Any:
    """What all portions of `body` say together."""
    parts = list(portioning.portions(body, LIMITS))
    rejected = sorted((each for part in parts for each in part.rejected), key=lambda each: each.index)
    return msgspec.to_builtins(
        [
            [event for part in parts for event in part.batch.events],
            [flags for part in parts for flags in part.flags],
            rejected,
            sum(part.accepted for part in parts),
        ]
    )


_numbers = st.integers(min_value=0, max_value=4)
_good = st.builds(lambda n, message: click(n, message=message), _numbers, _texts)
_bad = st.builds(lambda n: click(n, x="no"), _numbers) | st.just({"n": 1}) | st.just(click(3, message="m" * 33_000))


@settings(max_examples=100)
@given(events=st.lists(_good | _bad, min_size=1, max_size=8), size=st.integers(min_value=1, max_value=2000))
def test_a_batch_in_portions_is_the_same_batch(events: list[Json], size: int) -> None:
    body = encoded(batch(*events))
    whole = all_of(body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(portioning, "PORTION", size)
        assert all_of(body) == whole


def test_a_full_batch_comes_in_portions_of_bounded_size() -> None:
    body = encoded(batch(*(click(n, message="m" * 3700) for n in range(500))))
    assert len(body) < LIMITS.inflated_bytes
    parts = [len(part.batch.events) for part in portioning.portions(body, LIMITS)]
    assert sum(parts) == 500
    assert max(parts) * 3900 < portioning.PORTION


@pytest.mark.parametrize("damage", [b"{", b"\xff", b'{"n":1,}', b"]"])
def test_nothing_comes_of_a_large_body_whose_last_event_is_no_json(damage: bytes) -> None:
    body = encoded(batch(*(click(n, message="m" * 3700) for n in range(100)), {"last": "HERE"}))
    with pytest.raises(Refusal) as caught:
        next(portioning.portions(body.replace(b'{"last":"HERE"}', damage), LIMITS))
    assert (caught.value.status, caught.value.code) == (400, "malformed")
