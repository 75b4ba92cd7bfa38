"""A name that another row has already is refused beside its field, whether or not the form says what rows belong to."""

import pytest
from django.forms import ModelForm, modelform_factory

from apps.core.admin_names import refuse_taken
from apps.projects.models import Project
from apps.thresholds.models import Threshold
from tests.factories import Cast, make_project, make_threshold

NewThreshold = modelform_factory(Threshold, fields=["project", "name"])
ThresholdOfProject = modelform_factory(Threshold, fields=["name"])
ProjectOfOrganization = modelform_factory(Project, fields=["slug"])


def _name_errors(form: "ModelForm[Threshold]") -> list[str]:
    assert form.is_valid()
    refuse_taken(form, rows=Threshold.objects.all(), what="threshold", name="name", within="project")
    return [str(error) for error in form.errors.get("name", [])]


def test_the_name_of_another_is_refused_when_a_row_is_renamed(cast: Cast) -> None:
    make_threshold(cast.project, name="Angry clicks")
    renamed = make_threshold(cast.project, name="Dead clicks")

    assert _name_errors(ThresholdOfProject({"name": "Angry clicks"}, instance=renamed)) == [
        "Shop has a threshold of this name already. Choose another."
    ]


def test_the_words_are_those_of_the_field(cast: Cast) -> None:
    other = make_project(cast.organization, name="Help desk", slug="help-desk")
    form = ProjectOfOrganization({"slug": cast.project.slug}, instance=other)
    assert form.is_valid()
    refuse_taken(form, rows=Project.objects.all(), what="project", name="slug", within="organization")

    assert form.errors["slug"] == [f"{cast.organization} has a project of this slug already. Choose another."]


def test_a_row_keeps_its_own_name(cast: Cast) -> None:
    kept = make_threshold(cast.project, name="Angry clicks")

    assert _name_errors(ThresholdOfProject({"name": "Angry clicks"}, instance=kept)) == []


def test_what_belongs_elsewhere_may_have_the_name(cast: Cast) -> None:
    make_threshold(cast.other_project, name="Angry clicks")

    assert _name_errors(NewThreshold({"project": cast.project.pk, "name": "Angry clicks"})) == []


@pytest.mark.parametrize("sent", [{"name": ""}, {"project": "", "name": "Angry clicks"}])
def test_where_something_is_missing_the_name_is_not_blamed(cast: Cast, sent: dict[str, str]) -> None:
    make_threshold(cast.project, name="Angry clicks")
    form = NewThreshold({"project": str(cast.project.pk)} | sent)
    form.is_valid()
    refuse_taken(form, rows=Threshold.objects.all(), what="threshold", name="name", within="project")

    assert "already" not in str(form.errors)
