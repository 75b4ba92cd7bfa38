"""Breaches that time alone will bring: kept from the tick that foresees one to the tick that has to look.

Nothing has to happen for a window to breach: it may forget what it is compared with, or lose sessions that its share is
of, or be the last of the verdicts that were missing. What is foreseen can fail to come; then the look finds nothing.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import Q

from apps.core import clock
from apps.incidents.lifecycle import next_look_ms
from apps.incidents.models import ForeseenBreach
from apps.projects.shards import of_shard
from apps.thresholds.measuring import Tick
from apps.thresholds.targets import Target


def due(tick: Tick) -> list[ForeseenBreach]:
    """What the tick has to look at."""
    foreseen = ForeseenBreach.objects.filter(of_shard(tick.shard, tick.shards))
    return list(foreseen.filter(due_at__lte=clock.from_ms(tick.as_of_ms)).order_by("fingerprint"))


def note(
    ahead_ms: Mapping[UUID, int | None], targets: Mapping[UUID, Target], *, tick: Tick, fresh: Iterable[int]
) -> None:
    """Keeps, for each group that the tick judged, when to look again, by what it foresees and what was foreseen before.

    What was foreseen by a version that is no longer in force (`fresh`: its threshold) is void.
    """
    as_of = clock.from_ms(tick.as_of_ms)
    foreseen = ForeseenBreach.objects.filter(of_shard(tick.shard, tick.shards))
    foreseen.filter(Q(due_at__lte=as_of) | Q(threshold__in=list(fresh))).delete()
    kept = {each.fingerprint: each for each in ForeseenBreach.objects.filter(fingerprint__in=list(ahead_ms))}
    changed = []
    for fingerprint, foreseen_ms in ahead_ms.items():
        before = kept.get(fingerprint)
        before_ms = clock.to_ms(before.due_at) if before else None
        look_ms = next_look_ms(before_ms, foreseen_ms, tick.as_of_ms)
        if look_ms is not None and look_ms != before_ms:
            target = targets[fingerprint]
            changed.append(
                ForeseenBreach(
                    fingerprint=fingerprint,
                    project_id=target.project_id,
                    threshold_id=target.rule.threshold_id,
                    group=dict(target.group),
                    due_at=clock.from_ms(look_ms),
                )
            )
    ForeseenBreach.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["fingerprint"], update_fields=["due_at"], batch_size=200
    )
