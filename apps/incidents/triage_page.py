"""The one address that people's triage is posted to. It checks, calls `triage`, and goes back to the incident."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.core import clock
from apps.incidents import triage
from apps.incidents.models import Incident
from apps.incidents.recording import Mute
from apps.incidents.triage import AssigneeRefusedError, MoveRefusedError, NotAllowedError, TriageError
from apps.organizations.models import User
from apps.organizations.scoped_admin import signed_in, visible_people

MUTE_CHOICES = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
# A number of fewer digits fits its column, and a release of so many characters does.
_DIGITS, _RELEASE = 10, 100


@require_POST
def move(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Moves the incident as the pressed button says: `action`, with `for`, `level`, `release` (mute) or `assignee`.

    404 for an incident that the person may not see, 403 for one they may only look at.
    """
    actor = signed_in(request)
    incident = Incident.objects.visible_to(actor).select_related("project").filter(pk=incident_id).first()
    if incident is None:
        raise Http404
    step = _STEPS.get(request.POST.get("action", ""))
    if step is None:
        return HttpResponseBadRequest("Unknown action.")
    try:
        done = step(request, incident, actor)
    except NotAllowedError as error:
        raise PermissionDenied(str(error)) from error
    except TriageError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[incident.pk]))


def _acknowledge(request: HttpRequest, incident: Incident, actor: User) -> str:
    triage.acknowledge(incident=incident, actor=actor)
    return "Acknowledged: the others see that somebody is looking."


def _resolve(request: HttpRequest, incident: Incident, actor: User) -> str:
    triage.resolve(incident=incident, actor=actor)
    return "Resolved. If it happens again soon, it reopens as a regression."


def _reopen(request: HttpRequest, incident: Incident, actor: User) -> str:
    triage.reopen(incident=incident, actor=actor)
    return "Reopened."


def _unmute(request: HttpRequest, incident: Incident, actor: User) -> str:
    triage.unmute(incident=incident, actor=actor)
    return "No longer muted."


def _mute(request: HttpRequest, incident: Incident, actor: User) -> str:
    length = MUTE_CHOICES.get(request.POST.get("for", ""))
    if length is None:
        raise MoveRefusedError("Choose for how long: 1 hour, 24 hours or 7 days.")
    level, release = request.POST.get("level", "").strip(), request.POST.get("release", "").strip()
    if level and not (level.isdecimal() and len(level) < _DIGITS):
        raise MoveRefusedError(f"“{level}” is no number that it could reach. Leave it empty for none.")
    if len(release) > _RELEASE:
        raise MoveRefusedError(f"A release has at most {_RELEASE} characters.")
    mute = Mute(until=clock.now() + length, level=int(level or 0), release=release)
    triage.mute(incident=incident, actor=actor, mute=mute)
    return "Muted. It goes on being measured."


def _assign(request: HttpRequest, incident: Incident, actor: User) -> str:
    chosen = request.POST.get("assignee", "")
    if chosen == "":
        triage.assign(incident=incident, actor=actor, assignee=None)
        return "Assigned to nobody."
    assignee = actor if chosen == "me" else _visible_person(actor, chosen)
    if assignee is None:
        raise AssigneeRefusedError("That person is not a member of this organization.")
    triage.assign(incident=incident, actor=actor, assignee=assignee)
    return f"Assigned to {assignee}."


def _visible_person(actor: User, pk: str) -> User | None:
    # Nineteen digits overflow the column, and no installation has so many people.
    return visible_people(actor).filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None


_STEPS: dict[str, Callable[[HttpRequest, Incident, User], str]] = {
    "acknowledge": _acknowledge,
    "resolve": _resolve,
    "reopen": _reopen,
    "mute": _mute,
    "unmute": _unmute,
    "assign": _assign,
}
