"""What projects set about their signals: saved by people, read by ticks."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core import clock
from apps.detection.catalog import UnknownSignalError, by_name
from apps.detection.definition import ParameterError, Value
from apps.detection.hiding import Hiding, HidingByProject
from apps.detection.models import ParameterVersion, Suppression
from apps.detection.parameters import Overrides
from apps.organizations.models import User
from apps.projects.models import Project
from apps.projects.shards import of_shard

# Signal → parameter → value, of one project.
OwnValues = Mapping[str, Mapping[str, Value]]


class SenselessParametersError(ValueError):
    """Parameters that a signal cannot have. `problems` maps (signal, parameter) to the reason."""

    def __init__(self, problems: Mapping[tuple[str, str], str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


def overrides_in_force(*, shard: int, shards: int, as_of: datetime) -> Overrides:
    """The parameters of a shard's projects at the tick `as_of`. One query."""
    found: defaultdict[str, dict[int, Mapping[str, Value]]] = defaultdict(dict)
    for version in ParameterVersion.objects.filter(of_shard(shard, shards)).in_force(as_of):
        for signal, values in own_values(version).items():
            found[signal][version.project_id] = values
    return found


def hidings_in_force(*, shard: int, shards: int, as_of: datetime, horizon: datetime) -> HidingByProject:
    """The suppressions that a tick has to know: made by `as_of`, and not over before `horizon`. One query.

    No signal older than `horizon` changes any more.
    """
    found: defaultdict[int, list[Hiding]] = defaultdict(list)
    made = Suppression.objects.filter(of_shard(shard, shards), created_at__lte=as_of, expires_at__gt=horizon)
    for suppression in made.order_by("pk"):
        found[suppression.project_id].append(hiding_of(suppression))
    return found


def hiding_of(suppression: Suppression) -> Hiding:
    """The suppression as the pure functions take it."""
    return Hiding(
        id=suppression.pk,
        kind=suppression.signal,
        route_pattern=suppression.route_pattern,
        element_pattern=suppression.element_pattern,
        from_ms=clock.to_ms(suppression.created_at),
        until_ms=clock.to_ms(suppression.until),
    )


def own_values(version: ParameterVersion | None) -> OwnValues:
    """What the version says, as rules take it; nothing where there is none.

    A signal or parameter that this release no longer has is left out: the project follows the defaults again.
    """
    return from_json(version.values) if version else {}


def from_json(stored: Mapping[str, Mapping[str, Any]]) -> OwnValues:
    """Values as they are stored, without what this release no longer has."""
    known: dict[str, dict[str, Value]] = {}
    for signal, values in stored.items():
        try:
            parameters = {parameter.name for parameter in by_name(signal).parameters}
        except UnknownSignalError:
            continue
        known[signal] = {name: _value(value) for name, value in values.items() if name in parameters}
    return {signal: values for signal, values in known.items() if values}


def current_version(project: Project) -> ParameterVersion | None:
    """The newest version of a project's parameters; None where it never changed any."""
    return ParameterVersion.objects.filter(project_id=project.pk).order_by("-number").first()


@transaction.atomic
def save_parameters(
    *, project: Project, values: OwnValues, actor: User | None, at: datetime
) -> ParameterVersion | None:
    """Makes the next version of a project's parameters, in force from the first tick at or after `at`.

    `values` may name defaults, which are left out. Returns the current version, or None, where nothing changed. Two
    saves at once get two numbers. Raises SenselessParametersError.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    current = current_version(project)
    own = differing(values)
    if own == own_values(current):
        return current
    return ParameterVersion.objects.create(
        project_id=project.pk,
        number=current.number + 1 if current else 1,
        values=own,
        created_by=actor,
        # A clock that was set back must not put a version in force before the one it follows.
        created_at=max(at, current.created_at) if current else at,
    )


def differing(values: OwnValues) -> dict[str, dict[str, Value]]:
    """What of `values` is not the default. Raises SenselessParametersError."""
    problems: dict[tuple[str, str], str] = {}
    own: dict[str, dict[str, Value]] = {}
    for signal, given in values.items():
        parameters = {parameter.name: parameter for parameter in by_name(signal).parameters}
        for name, value in given.items():
            try:
                checked = parameters[name].checked(value)
            except KeyError:
                problems[signal, name] = f"{by_name(signal).title} has no parameter “{name}”."
            except ParameterError as error:
                problems[signal, name] = str(error)
            else:
                if checked != parameters[name].default:
                    own.setdefault(signal, {})[name] = checked
    if problems:
        raise SenselessParametersError(problems)
    return own


def end_suppression(suppression: Suppression, *, actor: User, at: datetime) -> bool:
    """Ends it early. False where it was over by then."""
    ended = Suppression.objects.filter(pk=suppression.pk, ended_at__isnull=True, expires_at__gt=at)
    return ended.update(ended_at=at, ended_by=actor) == 1


def _value(value: Any) -> Value:
    return tuple(value) if isinstance(value, list) else int(value)
