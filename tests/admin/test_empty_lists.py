"""What a list without rows says: that nothing is there, and what to do; or that nothing fits the filters."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.incidents.models import Incident
from apps.organizations.models import Organization, User
from apps.organizations.scoped_admin import ScopedAdmin
from apps.projects.models import Project
from tests.admin.conftest import signed_in_as

OURS = {model: page for model, page in admin.site._registry.items() if isinstance(page, ScopedAdmin)}


@pytest.fixture
def as_root(db: None) -> Client:
    """Who runs a new installation: nothing is there but this person."""
    return signed_in_as(User.objects.create_superuser("root", password="a-long-test-password"))


@pytest.mark.usefixtures("clickhouse")
@pytest.mark.parametrize("model", [model for model in OURS if model is not User], ids=lambda model: model.__name__)
def test_an_empty_list_says_what_that_means(as_root: Client, model: type[Model]) -> None:
    page = as_root.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")).content.decode()

    assert OURS[model].words_when_empty
    assert OURS[model].words_when_empty in page
    assert "Nothing here" in page
    assert "yielded into no results" not in page
    assert "Reset filters" not in page


def test_nobody_is_asked_to_create_an_incident(as_root: Client) -> None:
    page = as_root.get(reverse("admin:incidents_incident_changelist")).content.decode()

    assert "Incidents open by themselves" in page
    assert "Create a new item" not in page


@pytest.mark.parametrize("model", [Incident, Organization, Project, User], ids=lambda model: model.__name__)
def test_a_list_in_which_nothing_fits_says_that_and_resets(as_root: Client, model: type[Model]) -> None:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = as_root.get(address, {"q": "no such thing"}).content.decode()

    assert "Nothing fits what you search for and the filters that you chose." in page
    assert "Reset filters" in page
    assert model is User or OURS[model].words_when_empty not in page


def test_a_chosen_state_that_no_incident_has_is_a_filter(as_root: Client) -> None:
    page = as_root.get(reverse("admin:incidents_incident_changelist"), {"state": "muted"}).content.decode()

    assert "Nothing fits what you search for and the filters that you chose." in page
