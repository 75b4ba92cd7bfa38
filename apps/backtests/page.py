"""The pages of a backtest: asked for from a threshold's form, shown while it runs and when it is done."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from apps.backtests import page_parts, running
from apps.backtests.models import UNFINISHED, Backtest
from apps.core import clock
from apps.core.admin_words import length_of_time
from apps.detection.settings import SenselessParametersError
from apps.organizations.access import may_act_as
from apps.organizations.models import Role
from apps.organizations.scoped_admin import signed_in
from apps.thresholds.versions import SenselessThresholdError

# Seconds between two looks at a backtest that runs.
_LOOK_AGAIN = 2


@require_safe
def show(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """The backtest: how far it is, or what it found. While it runs, the page asks for itself again."""
    asked = _visible(request, backtest_id)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "What this change would do",
        "backtest": asked,
        "unfinished": asked.state in UNFINISHED,
        "may_tune": may_act_as(request.user, role=Role.ENGINEER, organization_id=asked.project.organization_id),
        "length": length_of_time(round((asked.to_at - asked.from_at).total_seconds())),
        **(page_parts.of_parameters(asked) if asked.version is None else page_parts.of_threshold(asked, asked.version)),
    }
    response = render(request, "irk/backtest.html", context)
    if context["unfinished"]:
        response["Refresh"] = str(_LOOK_AGAIN)
    return response


@require_POST
def cancel(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Calls the backtest off. 404 where the person may not see it, 403 where they may not tune."""
    asked = _visible(request, backtest_id)
    try:
        cancelled = running.cancel(asked=asked, actor=signed_in(request))
    except running.NotAllowedError as error:
        raise PermissionDenied(str(error)) from error
    if not cancelled:
        messages.info(request, "It was over already.")
    return HttpResponseRedirect(page_parts.address(asked))


@require_POST
def put_in_force(request: HttpRequest, backtest_id: UUID) -> HttpResponse:
    """Saves the draft as the next version of the threshold, or of the project's signal parameters."""
    asked = _visible(request, backtest_id)
    try:
        version = running.put_in_force(asked, actor=signed_in(request), at=clock.now())
    except running.NotAllowedError as error:
        raise PermissionDenied(str(error)) from error
    except (SenselessThresholdError, SenselessParametersError) as error:
        messages.error(request, str(error))
    else:
        number = f"Version {version.number} is" if version else "The defaults are"
        messages.success(request, f"{number} in force from the next tick on.")
    return HttpResponseRedirect(page_parts.form_address(asked))


def _visible(request: HttpRequest, backtest_id: UUID) -> Backtest:
    rows = Backtest.objects.visible_to(signed_in(request)).select_related("version__threshold", "parameters", "project")
    asked = rows.filter(pk=backtest_id).first()
    if asked is None:
        raise Http404
    return asked
