"""Parameters in SQL: each project's own values in one query, whatever the number of projects. Pure.

An override costs a row of a constant table that `transform` looks up by project, never a query of its own.
"""

from collections.abc import Mapping
from typing import TypeAlias

from apps.detection.definition import Definition, ParameterError, Value

# Signal → project → parameter → value. What is not in it has its default.
Overrides: TypeAlias = Mapping[str, Mapping[int, Mapping[str, Value]]]

NO_OVERRIDES: Overrides = {}


def values_of(definition: Definition, project_id: int, overrides: Overrides) -> dict[str, Value]:
    """The parameters of `definition` as they hold for one project. Raises ParameterError."""
    try:
        return definition.values(overrides.get(definition.name, {}).get(project_id))
    except ParameterError as error:
        raise ParameterError(f"Project {project_id}: {error}") from error


def expressions(definition: Definition, overrides: Overrides) -> tuple[dict[str, str], dict[str, object]]:
    """Each parameter of `definition` as a SQL expression over the column project_id, and the values to bind.

    Raises ParameterError.
    """
    defaults = definition.values()
    projects = sorted(overrides.get(definition.name, {}))
    values = {project_id: values_of(definition, project_id, overrides) for project_id in projects}
    sql: dict[str, str] = {}
    bound: dict[str, object] = {}
    for name, default in defaults.items():
        differing = [project_id for project_id in projects if values[project_id][name] != default]
        # transform maps numbers only, so a project is mapped to its value's place among the distinct values, from 1.
        distinct = list(dict.fromkeys([default, *(values[project_id][name] for project_id in differing)]))
        bound[f"p_{name}"] = [_bindable(value) for value in distinct]
        if not differing:
            sql[name] = f"%(p_{name})s[1]"
            continue
        bound[f"p_{name}_projects"] = differing
        bound[f"p_{name}_places"] = [distinct.index(values[project_id][name]) + 1 for project_id in differing]
        sql[name] = f"%(p_{name})s[transform(project_id, %(p_{name}_projects)s, %(p_{name}_places)s, 1)]"
    return sql, bound


def _bindable(value: Value) -> int | list[str]:
    """A list, because the driver writes a tuple as a tuple and a list as an array."""
    return list(value) if isinstance(value, tuple) else value
