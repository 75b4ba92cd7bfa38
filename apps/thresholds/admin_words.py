"""A threshold's version in plain words. Pure."""

from apps.core.admin_words import length_of_time
from apps.detection.catalog import DEFINITIONS
from apps.detection.definition import Definition
from apps.thresholds.evaluation import percent
from apps.thresholds.models import GroupBy, Metric, ThresholdVersion

_PER = {
    GroupBy.NOTHING: "in the whole project",
    GroupBy.ROUTE: "on one route",
    GroupBy.ELEMENT: "on one element",
    GroupBy.ROUTE_AND_ELEMENT: "on one element of one route",
}
# Several of the signals whose title takes more than an s.
_NOT_BY_AN_S = {
    "form_abandoned": "abandoned forms",
    "form_retry": "form retries",
    "repeated_search": "repeated searches",
    "request_failures": "request failures",
    "scroll_thrash": "scroll thrashes",
    "tab_switching": "tab switching",
}


def in_words(version: ThresholdVersion) -> str:
    """When it opens an incident, of what severity, and when that resolves by itself."""
    titles = {definition.name: _several(definition) for definition in DEFINITIONS}
    what = " or ".join(titles.get(name, name) for name in version.signals)
    count = version.at_least
    have = "has" if count == 1 else "have"
    counted = {
        Metric.SIGNALS: f"there {'is' if count == 1 else 'are'} at least {count} ({what})",
        Metric.SESSIONS: f"at least {count} session{_s(count)} {have} {what}",
        Metric.USERS: f"at least {count} identified user{_s(count)} {have} {what}",
        Metric.SHARE: f"at least {percent(count)} of the sessions have {what}",
    }[Metric(version.metric)]
    off = "" if version.enabled else "Switched off. "
    return (
        f"{off}Opens a {version.get_severity_display().lower()} incident when {counted} within "
        f"{length_of_time(version.window_seconds)} {_PER[GroupBy(version.group_by)]}{_and_only_if(version)}"
        f"{_only(version)}. Resolves after {length_of_time(version.quiet_seconds)} of quiet{_people(version)}."
    )


def _and_only_if(version: ThresholdVersion) -> str:
    words = f", in at least {version.minimum_sessions} sessions" if version.minimum_sessions > 1 else ""
    if version.factor_percent:
        words += (
            f", and at least {version.factor_percent} % of the number {length_of_time(version.earlier_seconds)} before"
        )
    if version.breaches_among > 1:
        words += f", in {version.breaches_needed} of the last {version.breaches_among} verdicts"
    return words


def _people(version: ThresholdVersion) -> str:
    if not version.minimum_exposure:
        return ""
    return f" in which at least {version.minimum_exposure} session{_s(version.minimum_exposure)} came"


def _only(version: ThresholdVersion) -> str:
    filters = [
        f"{name} {value}"
        for name, value in (
            ("routes", version.route_pattern),
            ("elements", version.element_pattern),
            ("environment", version.environment),
            ("release", version.release),
            ("device", version.device),
        )
        if value
    ]
    return f"; only {', '.join(filters)}" if filters else ""


def _several(definition: Definition) -> str:
    return _NOT_BY_AN_S.get(definition.name, f"{definition.title.lower()}s")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
