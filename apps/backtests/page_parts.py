"""What the pages of backtests show: words, charts and lists."""

from typing import Any

from django.urls import reverse

from apps.backtests.models import Backtest, State
from apps.core import clock
from apps.core.admin_charts import Chart, Series, bars_beside, lines_against_bounds
from apps.core.admin_words import length_of_time
from apps.detection.admin_words import change_in_words
from apps.detection.catalog import by_name
from apps.detection.settings import current_version, from_json, own_values
from apps.thresholds.admin_words import in_words
from apps.thresholds.models import ThresholdVersion
from apps.thresholds.versions import draft_version

_METRIC_WORDS = {
    "signals": "Signals",
    "sessions": "Sessions with a signal",
    "users": "Identified users with a signal",
    "share": "Sessions with a signal, of every 1,000,",
}


def of_threshold(asked: Backtest, now: ThresholdVersion) -> dict[str, Any]:
    """The page's words and charts about the draft of a threshold."""
    draft = draft_version(now, asked.draft)
    context = {
        "back": (form_address(asked), now.threshold.name),
        "what": "this threshold",
        "now_in_words": in_words(now),
        "draft_in_words": in_words(draft),
        "same": draft is now,
        "outdated": now.threshold.current_version_id != now.pk,
    }
    if asked.state != State.DONE or asked.report is None:
        return context
    return context | {
        "numbers": asked.report["numbers"],
        "signals": asked.report["signals"],
        "found": {"chart": _chart(asked.report, now=now, draft=draft), "lists": _lists(asked.report)},
    }


def of_parameters(asked: Backtest) -> dict[str, Any]:
    """The page's words and charts about a draft of signal parameters."""
    now, draft = own_values(asked.parameters), from_json(asked.draft)
    current = current_version(asked.project)
    context: dict[str, Any] = {
        "back": (form_address(asked), f"the signals of {asked.project.name}"),
        "what": "these numbers",
        "now_in_words": change_in_words(now),
        "draft_in_words": change_in_words(draft),
        "same": now == draft,
        "outdated": (current.pk if current else None) != asked.parameters_id,
    }
    if asked.state != State.DONE or asked.report is None:
        return context
    versions = ThresholdVersion.objects.select_related("threshold").in_bulk(
        [each["version"] for each in asked.report["thresholds"]]
    )
    return context | {
        "numbers": asked.report["numbers"],
        "kinds": [_kind(each) for each in asked.report["kinds"]],
        # A threshold that was deleted since takes its versions with it.
        "thresholds": [
            _threshold(each, versions[each["version"]])
            for each in asked.report["thresholds"]
            if each["version"] in versions
        ],
    }


def address(asked: Backtest) -> str:
    """The backtest's own page, beside the form in which the draft stood."""
    name = "admin:backtests_show" if asked.threshold_id else "admin:backtests_show_of_signals"
    return reverse(name, args=[asked.pk])


def form_address(asked: Backtest) -> str:
    """The form in which the draft stood."""
    if asked.threshold_id is None:
        return reverse("admin:detection_projectsignals_change", args=[asked.project_id])
    return reverse("admin:thresholds_threshold_change", args=[asked.threshold_id])


def _threshold(report: dict[str, Any], version: ThresholdVersion) -> dict[str, Any]:
    """A threshold that counts a signal of which the draft changes a number."""
    numbers = report["numbers"]
    return {
        "key": f"threshold-{version.threshold_id}",
        "heading": (
            f"{version.threshold}: {numbers['opens']} would open, {numbers['closes']} would not open any more, "
            f"{numbers['stays']} {'stays' if numbers['stays'] == 1 else 'stay'}"
        ),
        "in_words": in_words(version),
        "chart": _chart(report, now=version, draft=version),
        "lists": _lists(report),
    }


def _kind(report: dict[str, Any]) -> dict[str, Any]:
    """A signal's numbers by both, and when they were."""
    title = by_name(report["kind"]).title
    now, then = report["now"], report["then"]
    bars = [Series("Now", now["values"]), Series("Draft", then["values"])]
    step = length_of_time((report["begins_ms"][1] - report["begins_ms"][0]) // 1000).removeprefix("1 ")
    return {
        "name": report["kind"],
        "title": title,
        "now": now,
        "then": then,
        "chart": bars_beside(
            times_ms=report["begins_ms"],
            series=bars,
            summary=f"{title} per {step}: {now['signals']:,} now, {then['signals']:,} by the draft, in all.",
            first_column="From",
        ),
    }


def _chart(report: dict[str, Any], *, now: ThresholdVersion, draft: ThresholdVersion) -> Chart:
    """The measure of both against their bounds; one line where both measure the same, one bound for one rule.

    Where nothing is in force, the draft's alone.
    """
    before, after = report["now"], report["then"]
    drafted = f"{max(after['values'], default=0)} at the highest, it opens at {after['bound']}."
    if before is None:
        lines, named = [_line(after, draft)], [("Draft: opens", after)]
        summary = f"The strongest group at each moment. Switched off, nothing opens now. By the draft {drafted}"
    else:
        lines = [_line(before, now)]
        if after["values"] != before["values"]:
            lines = [_line(before, now, "Now: "), _line(after, draft, "Draft: ")]
        named = [("Now: opens", before), ("Draft: opens", after)] if draft is not now else [("Opens", before)]
        summary = (
            f"The strongest group at each moment: {max(before['values'], default=0)} at the highest; now it opens "
            f"at {before['bound']}. By the draft {drafted}"
        )
    ends_ms = after["ends_ms"]
    return lines_against_bounds(
        times_ms=ends_ms,
        lines=lines,
        bounds=[Series(f"{opens} at {side['bound']}", [side["bound"]] * len(ends_ms)) for opens, side in named],
        summary=summary,
        first_column="Window ends",
    )


def _line(side: dict[str, Any], version: ThresholdVersion, prefix: str = "") -> Series:
    window = length_of_time(version.window_seconds)
    return Series(f"{prefix}{_METRIC_WORDS[version.metric]} in the {window} before", side["values"])


def _lists(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The three lists in the order in which people ask, each incident with its times and its trace."""
    titles = (
        ("opens", "Would open", "Incidents that the rule in force does not open."),
        ("closes", "Would not open any more", "Incidents of the rule in force that the draft does not open."),
        ("stays", "Stay", "Open either way; the times are the draft's."),
    )
    return [
        {
            "key": key,
            "title": title,
            "help": explained,
            "number": report["numbers"][key],
            "incidents": [_told(each["then"] if key == "stays" else each) for each in report[key]],
        }
        for key, title, explained in titles
    ]


def _told(incident: dict[str, Any]) -> dict[str, Any]:
    return {
        **incident,
        "opened_at": clock.from_ms(incident["opened_ms"]),
        "resolved_at": clock.from_ms(incident["resolved_ms"]) if incident["resolved_ms"] else None,
    }
