"""Which events are taken, which are rejected and why, and that both ways of decoding agree."""

import contextlib
import dataclasses
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.ingest import decoding
from apps.ingest.decoding import Decoded, decode
from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal
from apps.ingest.structure import deeper_than
from tests.ingest.batches import EVERY_TYPE, Json, batch, click, encoded

LIMITS = Limits(wire_bytes=512 * 1024, inflated_bytes=2 * 1024 * 1024, events=500, event_bytes=32 * 1024)


def taken(body: bytes) -> list[int]:
    return [event.n for event in decode(body, LIMITS).batch.events]


def refusal_of(body: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode(body, LIMITS)
    return caught.value


def only_rejection(event: object) -> decoding.Rejected:
    """What became of `event` between two good neighbours, which must both be taken."""
    decoded = decode(encoded(batch(click(1), event, click(3))), LIMITS)  # type: ignore[arg-type]
    assert [neighbour.n for neighbour in decoded.batch.events] == [1, 3]
    assert len(decoded.rejected) == 1
    assert decoded.rejected[0].index == 1
    return decoded.rejected[0]


# --- one event


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"n": -1}, "invalid_field"),
        ({"n": 2**32}, "invalid_field"),
        ({"n": 1.5}, "invalid_field"),
        ({"n": True}, "invalid_field"),
        ({"n": "2"}, "invalid_field"),
        ({"n": None}, "invalid_field"),
        ({"n": 10**40}, "invalid_field"),
        ({"t": -0.001}, "invalid_field"),
        ({"t": 2**32}, "invalid_field"),
        ({"t": 1e308}, "invalid_field"),
        ({"t": "0"}, "invalid_field"),
        ({"t": [0]}, "invalid_field"),
        ({"type": "teleport"}, "unknown_type"),
        ({"type": "x" * 9000}, "unknown_type"),
        ({"type": None}, "invalid_field"),
        ({"type": 7}, "invalid_field"),
        ({"type": ["click"]}, "invalid_field"),
        ({"route": 7}, "invalid_field"),
        ({"route": {"a": 1}}, "invalid_field"),
        ({"el": "button"}, "invalid_field"),
        ({"el": []}, "invalid_field"),
        ({"el": {"sel": 1}}, "invalid_field"),
        ({"el": {"click": "yes"}}, "invalid_field"),
        ({"el": {"click": 1}}, "invalid_field"),
        ({"x": 2**31}, "invalid_field"),
        ({"y": -(2**31) - 1}, "invalid_field"),
        ({"after": [1]}, "invalid_field"),
        ({"after": {"mut": -1}}, "invalid_field"),
        ({"after": {"req": "38"}}, "invalid_field"),
        ({"after": {"req": 2**53 + 2}}, "invalid_field"),
        ({"bg": 1e300}, "invalid_field"),
        ({"observed": -1}, "invalid_field"),
        ({"status": 1000}, "invalid_field"),
        ({"status": -1}, "invalid_field"),
        ({"status": 200.0}, "invalid_field"),
        ({"edits": -1}, "invalid_field"),
        ({f"field{number}": 1 for number in range(60)}, "too_many_keys"),
        ({"el": {f"field{number}": 1 for number in range(65)}}, "too_many_keys"),
        ({"message": "m" * 33_000}, "event_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value)[:40],
)
def test_a_bad_event_is_rejected_and_its_neighbours_are_taken(change: Json, code: str) -> None:
    rejection = only_rejection({**click(2), **change})
    assert rejection.code == code
    assert rejection.detail
    assert rejection.n == (None if "n" in change else 2)


@pytest.mark.parametrize("digits", [1, 21, 5000, 30_000])
def test_a_number_of_any_length_costs_only_its_event(digits: int) -> None:
    body = encoded(batch(click(1), click(2, x=777), click(3))).replace(b'"x":777', b'"x":' + b"9" * digits)
    decoded = decode(body, LIMITS)
    assert [event.n for event in decoded.batch.events] == ([1, 2, 3] if digits == 1 else [1, 3])


@pytest.mark.parametrize("missing", ["n", "t", "type"])
def test_an_event_without_a_required_field_is_rejected_by_its_place(missing: str) -> None:
    event = click(2)
    del event[missing]
    rejection = only_rejection(event)
    assert (rejection.code, rejection.n) == ("invalid_field", None if missing == "n" else 2)
    assert missing in rejection.detail


@pytest.mark.parametrize("event", [None, True, 0, 1.5, "click", [], [[]]])
def test_an_event_that_is_no_object_is_rejected(event: object) -> None:
    assert only_rejection(event).code == "invalid_event"


@pytest.mark.parametrize(
    "member",
    ['"n":2', '"n":3', '"\\u006e":2', '"el":{"sel":"a","sel":"b"}', '"after":{"mut":1,"mut":1}', '"new":{"a":1,"a":2}'],
)
def test_a_key_that_stands_twice_rejects_its_event(member: str) -> None:
    good = encoded(batch(click(1), click(3)))
    doubled = b'{"n":2,"t":1,"type":"click",' + member.encode() + b"}"
    # A doubled "n" only by way of `member`; the others bring their own.
    decoded = decode(good.replace(b'"events":[', b'"events":[' + doubled + b","), LIMITS)
    assert [event.n for event in decoded.batch.events] == [1, 3]
    assert [rejected.code for rejected in decoded.rejected] == ["duplicate_key"]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_number_that_json_does_not_have_rejects_its_event(number: bytes) -> None:
    body = encoded(batch(click(1), click(2, x=777), click(3))).replace(b'"x":777', b'"x":' + number)
    decoded = decode(body, LIMITS)
    assert [event.n for event in decoded.batch.events] == [1, 3]
    assert [(rejected.n, rejected.code) for rejected in decoded.rejected] == [(2, "not_a_number")]


def test_unknown_fields_are_tolerated_and_dropped() -> None:
    decoded = decode(encoded(batch(click(1, zoom=1.5, el={"sel": "b", "shadow": {"deep": [1]}}), future=1)), LIMITS)
    [event] = decoded.batch.events
    assert event.el is not None
    assert event.el.sel == "b"
    assert not decoded.rejected


@pytest.mark.parametrize(
    ("field", "limit"), [("route", 512), ("message", 8192), ("url", 8192), ("group", 256), ("name", 64), ("from", 512)]
)
@pytest.mark.parametrize("character", ["a", "é", "日", "😀"])
def test_a_text_is_kept_up_to_its_limit_and_cut_and_marked_beyond(field: str, limit: int, character: str) -> None:
    roomy = dataclasses.replace(LIMITS, event_bytes=64 * 1024)
    whole, cut = (decode(encoded(batch(click(1, **{field: character * size}))), roomy) for size in (limit, limit + 1))
    attribute = "from_" if field == "from" else field
    assert getattr(whole.batch.events[0], attribute) == getattr(cut.batch.events[0], attribute) == character * limit
    assert (whole.flags, cut.flags) == ([()], [("cut",)])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"a\\u0000b", "a\ufffdb"),
        (b"a\x00b", "a\ufffdb"),
        (b"\\ud83d", "\ufffd"),
        (b"\\ude00\\ud83d", "\ufffd\ufffd"),
        (b"\\ud83d\\ud83d\\ude00", "\ufffd😀"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\xed\xa0\xbd", "\ufffd\ufffd\ufffd"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
    ],
)
def test_text_that_cannot_be_stored_is_mended_and_marked(sent: bytes, kept: str) -> None:
    body = encoded(batch(click(1), click(2, message="HERE"), click(3))).replace(b"HERE", sent)
    decoded = decode(body, LIMITS)
    assert [event.message for event in decoded.batch.events] == [None, kept, None]
    assert decoded.flags == [(), ("sanitized",), ()]


@pytest.mark.parametrize("text", ["\\ud83d\\ude00", "\\\\u0000", "\\u00e9", "\\u2028", "\\u0001"])
def test_escapes_that_can_be_stored_are_not_touched(text: str) -> None:
    body = encoded(batch(click(1, message="HERE"))).replace(b"HERE", text.encode())
    decoded = decode(body, LIMITS)
    assert decoded.batch.events[0].message == json.loads(f'"{text}"')
    assert decoded.flags == [()]


def test_a_context_that_had_to_be_mended_marks_every_event() -> None:
    body = encoded(batch(click(1), click(2), ctx={"user": "u" * 300, "release": "HERE"})).replace(b"HERE", b"\\u0000")
    decoded = decode(body, LIMITS)
    assert decoded.batch.ctx is not None
    assert (decoded.batch.ctx.user, decoded.batch.ctx.release) == ("u" * 256, "\ufffd")
    assert decoded.flags == [("cut", "sanitized")] * 2


# --- the batch


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"}",
        b"[",
        b"]}",
        b"nul",
        b"{]",
        b'{"v":1',
        b'{"v":1,}',
        b"{'v':1}",
        b'{"v":01}',
        b'{"v":1}{"v":1}',
        b'"' * 7,
        b'"\\',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b"\x00" * 100,
        b"\xff" * 100,
        b"<html></html>",
        b"[" * 1_000_000,
        b"{" * 1_000_000,
        b'{"a":' * 300_000,
        b"[" * 500_000 + b"]" * 500_000,
        b'"' + b'\\"' * 500_000,
        b'{"v":' + b"9" * 1_000_000 + b"x",
    ],
    ids=lambda body: repr(body[:12]) + str(len(body)),
)
def test_what_is_not_json_is_refused_as_malformed(body: bytes) -> None:
    refusal = refusal_of(body)
    assert (refusal.status, refusal.code) == (400, "malformed")


def nested(depth: int) -> bytes:
    """A batch whose deepest value is `depth` deep, by way of an unknown field of an event, which is 4 deep itself."""
    return encoded(batch(click(1, new="HERE"))).replace(b'"HERE"', b"[" * (depth - 3) + b"]" * (depth - 3))


def test_sixteen_levels_are_taken_and_seventeen_refused() -> None:
    assert taken(nested(16)) == [1]
    assert refusal_of(nested(17)).code == "malformed"


def test_brackets_and_quotes_inside_texts_are_no_nesting() -> None:
    message = "[{" * 40 + '"\\"[' * 10 + "\\"
    assert decode(encoded(batch(click(1, message=message))), LIMITS).batch.events[0].message == message


@pytest.mark.parametrize("body", [b"1", b"null", b"[]", b'"v"', b"NaN", b"true"])
def test_a_body_that_is_no_object_is_no_batch(body: bytes) -> None:
    assert (refusal_of(body).status, refusal_of(body).code) == (400, "invalid_batch")


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.5, [], 10**30])
def test_an_unknown_version_is_refused_by_name(version: object) -> None:
    refusal = refusal_of(encoded(batch(v=version)))
    assert (refusal.status, refusal.code) == (400, "unsupported_version")
    assert "SDK" in refusal.message


@pytest.mark.parametrize("field", ["sid", "page", "origin", "sentMono", "sentWall", "events"])
@pytest.mark.parametrize("value", [None, True, [], {}, "", "short", "way too spaced", "x" * 65, "line-end\n", 1e300])
def test_a_batch_with_a_wrong_envelope_is_refused(field: str, value: object) -> None:
    refusal = refusal_of(encoded(batch(**{field: value})))
    assert (refusal.status, refusal.code) == (400, "invalid_batch")
    assert refusal_of(encoded({name: item for name, item in batch().items() if name != field})).status == 400


@pytest.mark.parametrize(
    "member",
    ['"sid":"session-0002"', '"ctx":{"user":"a","user":"b"}', '"events":[]', '"new":NaN', '"new":[{"a":1,"a":1}]'],
)
def test_a_faulty_envelope_refuses_the_batch(member: str) -> None:
    body = encoded(batch())[:-1] + b"," + member.encode() + b"}"
    assert (refusal_of(body).status, refusal_of(body).code) == (400, "invalid_batch")


def test_500_events_are_taken_and_501_refused() -> None:
    assert len(taken(encoded(batch(*(click(n) for n in range(500)))))) == 500
    refusal = refusal_of(encoded(batch(*(click(n) for n in range(501)))))
    assert (refusal.status, refusal.code) == (413, "too_many_events")


def test_an_event_of_exactly_the_limit_is_taken_also_in_a_large_batch() -> None:
    event = click(2, message="")
    room = LIMITS.event_bytes - len(encoded({**event, "zz": ""}))
    assert taken(encoded(batch(click(1), {**event, "zz": "z" * room}))) == [1, 2]
    assert taken(encoded(batch(click(1), {**event, "zz": "z" * (room + 1)}))) == [1]


# --- the two ways

_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "a" * 600, "é" * 9000, 'quote"', '":', '\\":', "back\\", "[{", "\x00", "\x1f"]),
)
_numbers = st.one_of(
    st.integers(-3, 2**32 + 2),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 2**53, 2**53 + 1, 1e300, 0.5]),
)
_scalars = st.one_of(st.none(), st.booleans(), _numbers, _texts)
_anything = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_texts, inner, max_size=2), max_leaves=4
)
_answers = st.dictionaries(
    st.sampled_from(["mut", "req", "bg", "err", "new"]), _scalars | st.integers(0, 3000), max_size=4
)
_elements = st.dictionaries(st.sampled_from(["sel", "role", "label", "kind", "click", "new"]), _scalars, max_size=5)
_fields = {
    "n": _numbers,
    "type": st.sampled_from(["click", "error", "page", "new"]),
    "route": _texts,
    "el": _elements,
    "after": _answers,
    "x": _numbers,
    "bg": _numbers,
    "status": _numbers,
    "message": _texts,
    "from": _texts,
    "new": _anything,
    "dur": _anything,
}
_events = st.fixed_dictionaries({}, optional=_fields).map(lambda fields: {**click(1), **fields}) | _anything
_contexts = st.dictionaries(st.sampled_from(["release", "user", "viewport", "lang", "new"]), _anything, max_size=3)
_batches = st.builds(
    lambda events, ctx, more: {**batch(*events, ctx=ctx), **more},
    st.lists(_events, min_size=1, max_size=4),
    st.none() | _contexts,
    st.dictionaries(st.sampled_from(["seq", "try", "new", "sdk", "sid", "sentMono"]), _anything, max_size=1),
)


def told(decoded: Decoded) -> Any:
    return msgspec.to_builtins([decoded.batch, decoded.flags, decoded.rejected])


@settings(max_examples=400)
@given(value=_batches, repeat=st.booleans(), spaces=st.booleans())
def test_the_quick_way_takes_nothing_that_the_careful_way_does_not(value: Json, *, repeat: bool, spaces: bool) -> None:
    body = json.dumps(value, ensure_ascii=False, separators=(" , ", " : ") if spaces else (",", ":")).encode()
    if repeat:
        body = body.replace(b'"x"', b'"n"', 1)
    quick = decoding._quickly(body, LIMITS)
    if quick is not None:
        assert told(quick) == told(decoding._carefully(body, LIMITS))


def test_an_ordinary_batch_goes_the_quick_way() -> None:
    quoted = click(1, message='the "shop" said \\"no\\\\" to', name="\\", el={"sel": 'a[href="/\\""]', "label": '"'})
    for events in (EVERY_TYPE, [click(n) for n in range(500)], [quoted]):
        assert decoding._quickly(encoded(batch(*events)), LIMITS) is not None


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        (b'"n":1', b'"n":1,"n":1'),
        (b'"t":', b'"t":1, "t" :'),
        (b'"sel":', b'"sel":"\\"","sel":'),
        (b'"mut":', b'"mut":1,"mut":'),
        (b'"type":', b'"type":"click","type":'),
        (b'"release":', b'"release":"","release":'),
        (b'"sid":', b'"sid":"abcdefgh","sid":'),
        (b'"events":', b'"events":[],"events":'),
        (b'"viewport":', b'"viewport":null,"viewport":'),
    ],
)
def test_a_key_that_stands_twice_anywhere_goes_the_careful_way(once: bytes, twice: bytes) -> None:
    body = encoded(batch(click(1, after={"mut": 3})))
    assert body.count(once) == 1
    assert decoding._quickly(body.replace(once, twice), LIMITS) is None


@settings(max_examples=300)
@given(
    body=st.binary(max_size=200)
    | st.builds(
        lambda a, b: encoded(batch())[:a] + b + encoded(batch())[a:], st.integers(0, 400), st.binary(max_size=3)
    )
)
def test_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    with contextlib.suppress(Refusal):
        decode(body, LIMITS)


@pytest.mark.parametrize("damage", [b"\xff", b"\\ud800", b"\\u0000", b"\x01", b"\xed\xa0\x80"])
def test_damage_to_any_name_or_text_of_a_batch_is_refused_or_costs_one_event_or_is_mended(damage: bytes) -> None:
    whole = encoded(batch(*EVERY_TYPE, new={"inner": "text"}))
    quotes = [place for place, byte in enumerate(whole) if byte == ord('"')]
    for place in quotes[::2]:
        body = whole[: place + 1] + damage + whole[place + 1 :]
        with contextlib.suppress(Refusal):
            decoded = decode(body, LIMITS)
            assert decoded.accepted >= len(EVERY_TYPE) - 1
            encoded_again = msgspec.json.encode(decoded.batch)
            assert b"\\u0000" not in encoded_again


# --- structure


@given(value=_anything)
def test_the_depth_is_a_parsers(value: object) -> None:
    def depth(item: object) -> int:
        if not isinstance(item, dict | list):
            return 0
        return 1 + max((depth(part) for part in (item.values() if isinstance(item, dict) else item)), default=0)

    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert not deeper_than(body, depth(value))
    assert depth(value) == 0 or deeper_than(body, depth(value) - 1)
