"""Other ways in which the same events may arrive: more often, out of order, grouped otherwise."""

import json
from collections import defaultdict
from collections.abc import Sequence
from random import Random

from apps.demo.recording import Batch, Body, Json


def three_times(batches: Sequence[Batch]) -> list[Batch]:
    """Every batch three times, each time as a new try."""
    return [Batch(batch.at_ms, {**batch.body, "try": number}) for number in range(3) for batch in batches]


def shuffled(batches: Sequence[Batch], *, seed: int) -> list[Batch]:
    """The batches in another order, and the events within each too."""
    random = Random(seed)
    mixed = [Batch(batch.at_ms, {**batch.body, "events": _mixed(batch.events(), random)}) for batch in batches]
    random.shuffle(mixed)
    return mixed


def regrouped(batches: Sequence[Batch], *, seed: int) -> list[Batch]:
    """The same events in other batches: those of a page view together, cut anew at random places.

    A batch's envelope names the page view and its context (release, device, …), so only events that share both can
    share a batch. Each new batch has the envelope of the batch that its first event came from.
    """
    random = Random(seed)
    by_envelope: dict[str, list[tuple[Body, Body]]] = defaultdict(list)
    for batch in batches:
        shared = json.dumps([batch.text("page"), batch.body.get("ctx")], sort_keys=True)
        by_envelope[shared] += [(event, batch.body) for event in batch.events()]
    groups: list[Batch] = []
    for events in by_envelope.values():
        random.shuffle(events)
        start = 0
        while start < len(events):
            taken = events[start : start + random.randint(1, len(events))]
            start += len(taken)
            groups.append(Batch(0, {**taken[0][1], "events": [event for event, _ in taken]}))
    return groups


def _mixed(events: list[Body], random: Random) -> list[Json]:
    return list(random.sample(events, len(events)))
