"""The address from which people download an incident's proof."""

from uuid import UUID

import structlog
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.clickhouse.client import ClickHouseError
from apps.incidents import insight
from apps.incidents.models import Incident
from apps.incidents.proof.exporting import NoProofError, export
from apps.organizations.access import may_act_as
from apps.organizations.models import Role
from apps.organizations.scoped_admin import signed_in

log = structlog.get_logger(__name__)


@require_safe
def download(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """The proof as a file; back to the incident with the reason where there is none.

    404 for an incident that the person may not see. 403 below triager: the file takes what people did, and who they
    were, out of Irk.
    """
    actor = signed_in(request)
    incident = Incident.objects.visible_to(actor).select_related("project").filter(pk=incident_id).first()
    if incident is None:
        raise Http404
    if not may_act_as(actor, role=Role.TRIAGER, organization_id=incident.project.organization_id):
        raise PermissionDenied
    try:
        proof = export(incident)
    except NoProofError as error:
        return _back(request, incident, str(error))
    except ClickHouseError as error:
        return _back(
            request, incident, f"No proof could be made. {insight.why_unavailable(error)} Try again in a minute."
        )
    log.info("proof_exported", incident=str(incident.pk), actor=actor.pk, bytes=len(proof))
    answer = HttpResponse(proof, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="irk-proof-{incident.pk}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def _back(request: HttpRequest, incident: Incident, reason: str) -> HttpResponse:
    messages.error(request, reason)
    return HttpResponseRedirect(reverse("admin:incidents_incident_change", args=[incident.pk]))
