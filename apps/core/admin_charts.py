"""Charts for the admin: what unfold's bundled chart.js draws, and the same numbers as a table for everybody else.

A chart is a canvas, which a screen reader cannot read and a printer may not print, so every chart carries its table.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.core import clock

# Readable on white and on near-black: at least 3:1 against both (WCAG 2.2, 1.4.11).
_INK = "#6b7280"
_BOUND = "#dc2626"
_VALUE = "#6366f1"
# Of the second of two lines that are compared.
_OTHER_BOUND = "#d97706"
_OTHER_VALUE = "#0d9488"
# Neighbours differ in hue and in lightness, so that they stay apart for people who see few colours.
PALETTE = ("#6366f1", "#f59e0b", "#ef4444", "#14b8a6", "#a855f7", "#84cc16", "#ec4899", "#0ea5e9", "#f97316", "#64748b")


@dataclass(frozen=True)
class Series:
    """Named values, one per moment of the chart."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True)
class Row:
    """A line of the table: the values at a moment."""

    at: datetime
    values: Sequence[int]


@dataclass(frozen=True)
class Mark:
    """An entry of the legend. A bound is drawn as a dashed line."""

    name: str
    colour: str
    is_bound: bool


@dataclass(frozen=True)
class Chart:
    """What the template needs: chart.js's type, data and options as JSON, the legend, and the table's head and rows.

    `times` are the moments of the time axis, in ms since 1970, as JSON: the browser labels them in the person's zone.
    The legend is the page's, because chart.js writes each of its entries in one line, however narrow the screen is.
    """

    kind: str
    data: str
    options: str
    times: str
    legend: Sequence[Mark]
    summary: str
    head: Sequence[str]
    rows: Sequence[Row]


def stacked_bars(*, times_ms: Sequence[int], series: Sequence[Series], summary: str, first_column: str) -> Chart:
    """Bars over time, one colour per series, stacked. `summary` says in a sentence what the chart shows."""
    colours = [PALETTE[index % len(PALETTE)] for index in range(len(series))]
    datasets = _bars(series, colours)
    return _chart(
        "bar", datasets, times_ms, series, telling=series, stacked=True, summary=summary, first_column=first_column
    )


def bars_beside(*, times_ms: Sequence[int], series: Sequence[Series], summary: str, first_column: str) -> Chart:
    """Bars over time of one or two series that are compared, beside each other."""
    datasets = _bars(series, (_VALUE, _OTHER_VALUE))
    return _chart("bar", datasets, times_ms, series, telling=series, summary=summary, first_column=first_column)


def line_against_bound(
    *, times_ms: Sequence[int], values: Series, bound: Series, summary: str, first_column: str
) -> Chart:
    """A stepped line and the bound that it must stay below. The bound may change over time."""
    return lines_against_bounds(
        times_ms=times_ms, lines=[values], bounds=[bound], summary=summary, first_column=first_column
    )


def lines_against_bounds(
    *, times_ms: Sequence[int], lines: Sequence[Series], bounds: Sequence[Series], summary: str, first_column: str
) -> Chart:
    """One or two stepped lines, and a bound or two. The first pair is drawn in the colours of every other chart."""
    datasets: list[dict[str, object]] = [
        {
            "label": one.name,
            "data": list(one.values),
            "borderColor": colour,
            "backgroundColor": f"{colour}2e",
            "fill": True,
            "stepped": "after",
            "borderWidth": 2,
            "pointRadius": 0,
            "pointHitRadius": 8,
        }
        for one, colour in zip(lines, (_VALUE, _OTHER_VALUE), strict=False)
    ]
    datasets += [
        {
            "label": one.name,
            "data": list(one.values),
            "borderColor": colour,
            "backgroundColor": colour,
            "borderDash": [6, 4],
            "borderWidth": 2,
            "pointRadius": 0,
            "stepped": "after",
        }
        for one, colour in zip(bounds, (_BOUND, _OTHER_BOUND), strict=False)
    ]
    return _chart(
        "line", datasets, times_ms, [*lines, *bounds], telling=lines, summary=summary, first_column=first_column
    )


def _bars(series: Sequence[Series], colours: Sequence[str]) -> list[dict[str, object]]:
    return [
        {
            "label": one.name,
            "data": list(one.values),
            "backgroundColor": colour,
            "borderRadius": 2,
            "maxBarThickness": 28,
        }
        for one, colour in zip(series, colours, strict=False)
    ]


def _chart(
    kind: str,
    datasets: Sequence[dict[str, object]],
    times_ms: Sequence[int],
    series: Sequence[Series],
    *,
    telling: Sequence[Series],
    stacked: bool = False,
    summary: str,
    first_column: str,
) -> Chart:
    """The table has only rows in which `telling` has something: sixty empty ones help nobody who listens to them."""
    return Chart(
        kind=kind,
        data=json.dumps({"labels": [""] * len(times_ms), "datasets": datasets}),
        options=json.dumps(_options(stacked=stacked)),
        times=json.dumps(list(times_ms)),
        legend=[
            Mark(str(one["label"]), str(one.get("borderColor") or one["backgroundColor"]), "borderDash" in one)
            for one in datasets
        ]
        if len(datasets) > 1
        else [],
        summary=summary,
        head=[first_column, *(one.name for one in series)],
        rows=[
            Row(clock.from_ms(moment), [one.values[index] for one in series])
            for index, moment in enumerate(times_ms)
            if any(one.values[index] for one in telling)
        ],
    )


def _options(*, stacked: bool) -> dict[str, object]:
    ticks = {"color": _INK, "maxRotation": 0, "autoSkipPadding": 16}
    return {
        "animation": False,
        "responsive": True,
        "maintainAspectRatio": False,
        "interaction": {"mode": "index", "intersect": False},
        "plugins": {"legend": {"display": False}},
        "scales": {
            "x": {"stacked": stacked, "grid": {"display": False}, "ticks": ticks},
            # Counts: no half signals on the axis.
            "y": {"stacked": stacked, "beginAtZero": True, "grid": {}, "ticks": {**ticks, "precision": 0}},
        },
    }
