"""The kinds of signals under the names that people read. Definitions are in apps/detection/catalog.py."""

from collections.abc import Iterable

from apps.detection import catalog


def title_of(kind: str) -> str:
    """A kind's title; for one that is no longer in the catalog, its name made readable."""
    known = {definition.name: definition.title for definition in catalog.DEFINITIONS}
    return known.get(kind) or kind.replace("_", " ").capitalize()


def in_order(kinds: Iterable[str]) -> list[str]:
    """`kinds` in the catalog's order, unknown ones last: a kind keeps its place and colour on every page."""
    order = {definition.name: rank for rank, definition in enumerate(catalog.DEFINITIONS)}
    return sorted(kinds, key=lambda kind: (order.get(kind, len(order)), kind))
