"""Decoding a large body in portions: values take many times the memory of their JSON."""

from collections.abc import Iterator
from typing import Final

import msgspec

from apps.ingest.decoding import Decoded, decode, envelope, oversized, sliced
from apps.ingest.limits import Limits
from apps.ingest.slicing import Slices
from apps.ingest.tables import tables_of

# Bytes of JSON decoded at a time. Above nearly every batch of a browser; as values some ten times as much.
PORTION: Final = 256 * 1024


def portions(body: bytes, limits: Limits) -> Iterator[Decoded]:
    """The events of `body`, an inflated request body, in one portion or, where it is large, in several.

    Nothing is yielded of a body that is not wholly a batch. Raises what `decode` raises.
    """
    if len(body) <= PORTION:
        yield decode(body, limits)
        return
    slices = sliced(body, limits)
    batch, _ = envelope(slices)
    too_large = Decoded(batch=batch, flags=[], tables=tables_of([]))
    portions: list[list[int]] = [[]]
    size = 0
    for index, (begin, end) in enumerate(slices.events):
        if end - begin > limits.event_bytes and (rejected := oversized(index, body[begin:end].strip(), limits)):
            too_large.rejected.append(rejected)
            continue
        size += end - begin
        if portions[-1] and size > PORTION:
            portions.append([])
            size = end - begin
        portions[-1].append(index)
    portions = [portion for portion in portions if portion]
    for portion in portions:
        decode(_text_of(body, slices, portion), limits)
    yield too_large
    seen: set[int] = set()
    for portion in portions:
        decoded = decode(_text_of(body, slices, portion), limits)
        decoded.rejected = [msgspec.structs.replace(each, index=portion[each.index]) for each in decoded.rejected]
        decoded.drop_repeated(seen)
        yield decoded


def _text_of(body: bytes, slices: Slices, portion: list[int]) -> bytes:
    """A batch of the events numbered in `portion`."""
    events = b",".join(body[begin:end] for begin, end in (slices.events[index] for index in portion))
    return slices.before + events + slices.after
