"""However a number is written, both ways of decoding judge it alike, and what they take can be stored."""

import contextlib
from typing import Any

import msgspec
import pytest

from apps.events.store import encode
from apps.ingest import decoding
from apps.ingest.limits import Limits
from apps.ingest.refusal import Refusal
from apps.ingest.rows import columns_of
from tests.ingest.batches import Json, batch, click, encoded, now_ms

LIMITS = Limits(wire_bytes=512 * 1024, inflated_bytes=2 * 1024 * 1024, events=500, event_bytes=32 * 1024)

JSON = [
    *("0", "-0", "0.0", "-0.0", "1", "-1", "1.0", "1e0", "1E2", "1e+2", "1.5", "0e0", "0e999999", "1e-400", "-1e-400"),
    *("0.30000000000000004", "0.1000000000000000055511151231257827021181583404541015625", "5e-324", "2e-324"),
    *("1e308", "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "1e99999999999999999999"),
    *("9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808"),
    *("18446744073709551615", "18446744073709551616", "-9223372036854775809", "12345678901234567890123456789012"),
    *("2147483647", "2147483647.5", "2147483648", "-2147483648", "-2147483648.5", "4294967295", "4294967295.5"),
    *("4294967295.0000000000001", "4294967296", "999", "999.0", "1000", "255", "256", "1000000.0000001"),
    *("10000000000000000000e-19", "0.00000000000000000000000000001e29", "1e00000000000000000001"),
]
NO_JSON = [
    *("00", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "-", "--1", "0x1", "1_000", "1f", "1e1.5", "nan", "inf"),
    *("\uff11", "\u0661", "1 2", "\\u0031"),
]

of_events = ["n", "t", "x", "bg", "observed", "status", "button", "dur", "scale", "shiftAgo", "new"]
of_batches = ["v", "origin", "sentMono", "sentWall", "seq", "try", "lost", "new"]


def bodies(number: str) -> list[bytes]:
    """Batches of two clicks in which one field after the other is `number`."""
    values: list[Json] = [batch({**click(1), name: "HERE"}, click(2)) for name in of_events]
    values += [
        batch(click(1, after={"mut": "HERE"}), click(2)),
        batch(click(1), click(2), ctx={"viewport": ["HERE", 1]}),
    ]
    values += [{**batch(click(1), click(2)), name: "HERE"} for name in of_batches]
    return [encoded(value).replace(b'"HERE"', number.encode()) for value in values]


def told(decoded: decoding.Decoded) -> Any:
    return msgspec.to_builtins([decoded.batch, decoded.flags, decoded.rejected])


@pytest.mark.parametrize("number", JSON)
def test_a_number_is_taken_or_rejected_and_costs_no_neighbour(number: str) -> None:
    for body in bodies(number):
        quick = decoding._quickly(body, LIMITS)
        with contextlib.suppress(Refusal):
            careful = decoding._carefully(body, LIMITS)
            assert quick is None or told(quick) == told(careful)
            assert 2 in {event.n for event in careful.batch.events}
            # Raises where a value is out of its column's range.
            encode(columns_of(careful, project_id=1, retention_days=90, received=now_ms()))
            continue
        assert quick is None


@pytest.mark.parametrize("number", NO_JSON)
def test_what_is_no_number_of_json_s_makes_the_body_no_json(number: str) -> None:
    for body in bodies(number):
        with pytest.raises(Refusal) as caught:
            decoding.decode(body, LIMITS)
        assert (caught.value.status, caught.value.code) == (400, "malformed")
