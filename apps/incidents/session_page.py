"""One session around an incident's signals, for somebody who does not code."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.clickhouse.client import ClickHouseError
from apps.core import clock
from apps.detection.score import parts_of_score
from apps.events import timeline
from apps.incidents import insight
from apps.incidents.insight import SessionSignal
from apps.incidents.kinds import title_of
from apps.incidents.models import Incident
from apps.organizations.scoped_admin import signed_in

# docs/wire.md, `sid`.
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True)
class Found:
    """A signal of the session in a sentence, for the list above the timeline; `anchor` is its first event's."""

    title: str
    sentence: str
    at: datetime
    anchor: str


@require_safe
def show(request: HttpRequest, incident_id: UUID, session_id: str) -> HttpResponse:
    """The session's timeline. 404 where the incident, or the session in its project, is not there for this person.

    `?at=` (ms since 1970) is the moment around which a long session is shown; the incident's opening when absent.
    """
    incident = Incident.objects.visible_to(signed_in(request)).select_related("project").filter(pk=incident_id).first()
    if incident is None or not _SESSION_ID.fullmatch(session_id):
        raise Http404
    near = _moment(request.GET.get("at", "")) or incident.breach_began_at
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Session",
        "incident": incident,
        "session_id": session_id,
    }
    try:
        # The project is bound in both queries: a session id of another project finds nothing.
        signals = insight.session_signals(project_id=incident.project_id, session_id=session_id, near=near)
        seen = timeline.read(
            project_id=incident.project_id,
            session_id=session_id,
            around=min((signal.at for signal in signals), key=lambda at: abs(at - near), default=near),
            signals=_titles_by_event(signals),
        )
    except ClickHouseError as error:
        return render(
            request, "irk/session.html", {**context, "events_unavailable": insight.why_unavailable(error)}, status=503
        )
    if not seen.page_views and not signals:
        raise Http404
    parts = parts_of_score(signal.kind for signal in signals)
    context |= {
        "timeline": seen,
        "signals": [found(one) for one in signals],
        "score": sum(part.points for part in parts),
        "score_parts": parts,
    }
    return render(request, "irk/session.html", context)


def found(signal: SessionSignal) -> Found:
    """The signal with what it was about."""
    on = f"“{signal.label}” on {signal.route}" if signal.label else signal.route
    what = {
        "rage_click": f"{signal.count} clicks on {on} that the page did not answer",
        "dead_click": f"a click on {on} that the page did not answer",
        "error_click": f"a click on {on}, and then: {signal.detail}",
        "form_retry": f"{signal.count} failed attempts to send a form on {signal.route}",
        "slow_click": f"a click on {on} that the page answered only after {signal.detail}",
        "slow_interaction": f"an input to {on} after which the page took {signal.detail} to paint again",
        "layout_jump": f"a click on {on}, which had just moved by {signal.detail}",
        "quick_back": f"{signal.route} was left at once, back to {signal.detail}",
        "page_loop": f"{signal.route} loaded {signal.count} times without being asked for",
        "reload_burst": f"{signal.route} was reloaded {signal.count} times",
        "thrashed_cursor": f"the pointer went to and fro {signal.count} times over {on}",
        "request_failures": f"{signal.count} failed requests on {signal.route}, the last: {signal.detail}",
        "error_burst": f"{signal.count} errors on {signal.route} in a short time: {signal.detail}",
        "form_abandoned": f"a form on {signal.route} was left unsent after {signal.count} fields{_last(signal)}",
        "field_struggle": f"{on} was filled in anew or emptied {signal.count} times",
        "repeated_search": f"{signal.count} searches by {on} without a click on a result",
        "scroll_thrash": f"{on} was scrolled to and fro {signal.count} times",
        "tab_switching": f"{signal.count} times to other tabs and back while a form on {signal.route} was filled in",
        "copied_error": f"a message was copied just after it appeared: {on}",
        "zoom_struggle": f"{signal.route} was zoomed {signal.count} times, last to {signal.detail}",
    }.get(signal.kind, on)
    page_id, n = signal.events[0] if signal.events else ("", 0)
    return Found(title=title_of(signal.kind), sentence=what, at=signal.at, anchor=f"event-{page_id}-{n}")


def _last(signal: SessionSignal) -> str:
    return f", last “{signal.detail}”" if signal.detail else ""


def _titles_by_event(signals: Sequence[SessionSignal]) -> dict[tuple[str, int], list[str]]:
    titles: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for signal in signals:
        for event in signal.events:
            if title_of(signal.kind) not in titles[event]:
                titles[event].append(title_of(signal.kind))
    return dict(titles)


def _moment(text: str) -> datetime | None:
    # Thirteen digits reach the year 2286; more would overflow a datetime.
    return clock.from_ms(int(text)) if re.fullmatch(r"[0-9]{1,13}", text) else None
