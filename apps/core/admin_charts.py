"""Charts for the admin: what unfold's bundled chart.js draws, and the same numbers as a table for everybody else.

A chart is a canvas, which a screen reader cannot read and a printer may not print, so every chart carries its table.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

# Readable on white and on near-black: at least 3:1 against both (WCAG 2.2, 1.4.11).
_INK = "#6b7280"
_BOUND = "#dc2626"
_VALUE = "#6366f1"
# Neighbours differ in hue and in lightness, so that they stay apart for people who see few colours.
PALETTE = ("#6366f1", "#f59e0b", "#ef4444", "#14b8a6", "#a855f7", "#84cc16", "#ec4899", "#0ea5e9", "#f97316", "#64748b")


@dataclass(frozen=True)
class Series:
    """Named values, one per label of the chart; None where there is nothing to say."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """What the template needs: chart.js's type, data and options as JSON, and the table's head and rows."""

    kind: str
    data: str
    options: str
    summary: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def stacked_bars(*, labels: Sequence[str], series: Sequence[Series], summary: str, first_column: str) -> Chart:
    """Bars over time, one colour per series, stacked. `summary` says in a sentence what the chart shows."""
    datasets = [
        {
            "label": one.name,
            "data": list(one.values),
            "backgroundColor": PALETTE[index % len(PALETTE)],
            "borderRadius": 2,
            "maxBarThickness": 28,
        }
        for index, one in enumerate(series)
    ]
    return Chart(
        kind="bar",
        data=json.dumps({"labels": list(labels), "datasets": datasets}),
        options=json.dumps(_options(stacked=True, legend=len(series) > 1)),
        summary=summary,
        head=[first_column, *(one.name for one in series)],
        # Only the rows in which something happened: sixty empty ones help nobody who listens to them.
        rows=[
            [label, *(_text(one.values[index]) for one in series)]
            for index, label in enumerate(labels)
            if any(one.values[index] for one in series)
        ],
    )


def line_against_bound(
    *, labels: Sequence[str], values: Series, bound: Series, summary: str, first_column: str
) -> Chart:
    """A stepped line and the bound that it must stay below. The bound may change over time."""
    datasets = [
        {
            "label": values.name,
            "data": list(values.values),
            "borderColor": _VALUE,
            "backgroundColor": "rgba(99, 102, 241, 0.18)",
            "fill": True,
            "stepped": "after",
            "borderWidth": 2,
            "pointRadius": 0,
            "pointHitRadius": 8,
        },
        {
            "label": bound.name,
            "data": list(bound.values),
            "borderColor": _BOUND,
            "backgroundColor": _BOUND,
            "borderDash": [6, 4],
            "borderWidth": 2,
            "pointRadius": 0,
            "stepped": "after",
        },
    ]
    return Chart(
        kind="line",
        data=json.dumps({"labels": list(labels), "datasets": datasets}),
        options=json.dumps(_options(stacked=False, legend=True)),
        summary=summary,
        head=[first_column, values.name, bound.name],
        rows=[
            [label, _text(values.values[index]), _text(bound.values[index])]
            for index, label in enumerate(labels)
            if values.values[index]
        ],
    )


def _options(*, stacked: bool, legend: bool) -> dict[str, object]:
    ticks = {"color": _INK, "maxRotation": 0, "autoSkipPadding": 16}
    return {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {
            "legend": {
                "display": legend,
                "position": "bottom",
                "align": "start",
                "labels": {"color": _INK, "boxWidth": 10, "boxHeight": 10, "padding": 14},
            }
        },
        "scales": {
            "x": {"stacked": stacked, "grid": {"display": False}, "ticks": ticks},
            # Counts: no half signals on the axis.
            "y": {"stacked": stacked, "beginAtZero": True, "grid": {}, "ticks": {**ticks, "precision": 0}},
        },
    }


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:g}"
