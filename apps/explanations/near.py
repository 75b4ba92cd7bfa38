"""Moments that were one short of a signal: four of five clicks."""

from collections.abc import Mapping, Sequence

from apps.clickhouse.client import ClickHouseError
from apps.detection import store
from apps.detection.catalog import by_name
from apps.detection.definition import Definition, Value, number
from apps.detection.scope import Scope
from apps.detection.settings import OwnValues
from apps.detection.signal import Signal
from apps.explanations.answer import NearMoment
from apps.thresholds.evaluation import Rule
from apps.thresholds.matching import Traits, counts

# Larger than any project's id: the shard of that number of shards holds one project alone.
_ALONE = 2**62
# Sessions are read as a whole: those of more than an hour are more than a page should wait for.
LONGEST_MS = 3_600_000
_SHOWN = 20


def near_moments(
    *, project_id: int, rule: Rule, own: OwnValues, as_of_ms: int, settle_ms: int
) -> list[NearMoment] | None:
    """What the rule would count had there been one click, reload, turn … more: the latest first, 20 at most.

    `own`: the project's own parameters. Looks at the window's last hour at most, by what had arrived. None where the
    event store does not answer in time.
    """
    from_ms = as_of_ms - min(rule.window_ms, LONGEST_MS)
    try:
        scope = store.find_scope(
            shard=project_id, shards=_ALONE, arrived_from_ms=from_ms - settle_ms, arrived_to_ms=as_of_ms - settle_ms
        )
        if scope is None:
            return []
        found = [
            NearMoment(
                kind=definition.name,
                count=signal.count,
                needed=needed,
                ts_ms=signal.ts_ms,
                session_id=signal.session_id,
                route=signal.route,
                element=signal.element,
                label=signal.element_label,
            )
            for definition in (by_name(kind) for kind in rule.signals)
            for values in [own.get(definition.name, {})]
            for enough in [set(_signals(definition, scope, project_id, values))]
            for parameter, needed in _minimums(definition, values)
            for signal in _signals(definition, scope, project_id, {**values, parameter: needed - 1})
            if signal.count == needed - 1
            # A signal that something else makes one: a failed request, and then the page left.
            and signal not in enough
            and from_ms <= signal.ts_ms < as_of_ms
            and counts(
                rule,
                Traits(signal.kind, signal.route, signal.element, signal.environment, signal.release, signal.device),
            )
        ]
    except ClickHouseError:
        return None
    return sorted(found, key=lambda moment: (-moment.ts_ms, moment.kind, moment.session_id))[:_SHOWN]


def _signals(definition: Definition, scope: Scope, project_id: int, values: Mapping[str, Value]) -> Sequence[Signal]:
    return store.compute_signals([definition], scope, overrides={definition.name: {project_id: values}})


def _minimums(definition: Definition, own: Mapping[str, Value]) -> list[tuple[str, int]]:
    """The parameters that say how many make a signal, and that can be one less."""
    values = definition.values(own)
    return [
        (parameter.name, number(values, parameter.name))
        for parameter in definition.parameters
        if parameter.name.startswith("min_") and number(values, parameter.name) > parameter.least
    ]
