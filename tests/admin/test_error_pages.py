"""What people read where there is nothing, where they may not go, and where we failed; programs still get JSON."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from tests.admin.conftest import World


@pytest.mark.parametrize(
    "address", ["/nothing/", "/admin/incidents/incident/00000000-0000-0000-0000-000000000000/change/"]
)
def test_where_nothing_is_a_page_says_so_and_leads_back(as_bob: Client, address: str) -> None:
    answer = as_bob.get(address)
    page = answer.content.decode()

    assert answer.status_code == 404
    assert "does not exist, or it is not yours" in page
    assert 'href="/"' in page


def test_an_incident_of_others_looks_like_one_that_does_not_exist(world: World, as_charlie: Client) -> None:
    theirs = as_charlie.get(reverse("admin:incidents_incident_change", args=[world.incident.pk]))
    nobodys = as_charlie.get("/admin/incidents/incident/00000000-0000-0000-0000-000000000000/change/")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.content == nobodys.content


def test_where_somebody_may_not_go_a_page_says_so_and_leads_back(as_viewer: Client) -> None:
    answer = as_viewer.get(reverse("admin:thresholds_threshold_add"))
    page = answer.content.decode()

    assert answer.status_code == 403
    assert "Your role does not cover this page" in page
    assert 'href="/"' in page


def test_a_form_that_is_too_old_says_what_to_do(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.cast.alice)
    answer = browser.post(reverse("admin:detection_suppression_add"), {})

    assert answer.status_code == 403
    assert "This form was not accepted" in answer.content.decode()


def test_the_page_of_a_failure_needs_no_database_and_leads_back(rf: RequestFactory) -> None:
    answer = defaults.server_error(rf.get("/admin/"))
    page = answer.content.decode()

    assert answer.status_code == 500
    assert "Something went wrong here" in page
    assert 'href="/"' in page


def test_programs_are_still_answered_in_json() -> None:
    for address in ("/v1/nothing", "/v1/events/nothing/"):
        answer = Client().get(address, headers={"accept": "text/html"})

        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"
