"""One-time login links."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.core import clock
from apps.organizations import login_links
from apps.organizations.models import User
from tests.admin.conftest import World


@pytest.fixture
def _allowed(settings: Settings) -> None:
    settings.LOGIN_LINKS = True


def _signed_in(browser: Client) -> str | None:
    return browser.session.get("_auth_user_id")


@pytest.mark.usefixtures("_allowed")
def test_a_link_signs_in_and_leads_on(world: World) -> None:
    browser = Client()
    incident = reverse("admin:incidents_incident_change", args=[world.incident.pk])

    answer = browser.get(login_links.create_path(world.cast.alice, then=incident))

    assert answer["Location"] == incident
    assert _signed_in(browser) == str(world.cast.alice.pk)


@pytest.mark.usefixtures("_allowed")
def test_a_link_works_once(world: World) -> None:
    link = login_links.create_path(world.cast.alice)
    Client().get(link)
    second = Client()

    answer = second.get(link)

    assert answer.status_code == 403
    assert _signed_in(second) is None


@pytest.mark.usefixtures("_allowed")
def test_a_used_link_leads_on_whom_it_signed_in(world: World) -> None:
    incident = reverse("admin:incidents_incident_change", args=[world.incident.pk])
    link = login_links.create_path(world.cast.alice, then=incident)
    browser = Client()
    browser.get(link)

    assert browser.get(link)["Location"] == incident
    assert _signed_in(browser) == str(world.cast.alice.pk)


@pytest.mark.usefixtures("_allowed")
def test_a_used_link_leads_nobody_else_on(world: World, as_charlie: Client) -> None:
    link = login_links.create_path(world.cast.alice)
    Client().get(link)

    assert as_charlie.get(link).status_code == 403
    assert _signed_in(as_charlie) == str(world.cast.charlie.pk)


@pytest.mark.usefixtures("_allowed")
def test_a_link_that_cannot_be_used_says_how_to_get_a_new_one(world: World) -> None:
    page = Client().get("/login/nonsense/").content.decode()

    assert "IRK_DATA_DIR=.data/demo .venv/bin/python manage.py seed_demo" in page
    assert reverse("admin:login") in page


@pytest.mark.usefixtures("_allowed")
def test_of_two_people_with_the_same_link_one_gets_in(world: World) -> None:
    token = login_links.create_path(world.cast.alice).split("/")[2]
    # Both have read the person when the first one swaps the last login.
    stale = User.objects.get(pk=world.cast.alice.pk)
    login_links.redeem(token)

    assert User.objects.filter(pk=stale.pk, last_login=stale.last_login).count() == 0
    with pytest.raises(login_links.LinkUnusableError):
        login_links.redeem(token)


@pytest.mark.usefixtures("_allowed")
def test_a_link_expires(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    link = login_links.create_path(world.cast.alice)
    later = (clock.now() + timedelta(hours=12, seconds=5)).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert Client().get(link).status_code == 403


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize("token", ["nonsense", "WzEsIm5ldmVyIl0:1tXXXX:forged", "a" * 5000])
def test_a_forged_link_signs_nobody_in(world: World, token: str) -> None:
    browser = Client()

    assert browser.get(f"/login/{token}/").status_code == 403
    assert _signed_in(browser) is None


@pytest.mark.usefixtures("_allowed")
def test_a_link_of_a_deactivated_person_is_dead(world: World) -> None:
    link = login_links.create_path(world.cast.alice)
    User.objects.filter(pk=world.cast.alice.pk).update(is_active=False)

    assert Client().get(link).status_code == 403


@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_link_never_leads_to_another_site(world: World, elsewhere: str) -> None:
    answer = Client().get(login_links.create_path(world.cast.alice, then=elsewhere))

    assert answer["Location"] == reverse("admin:index")


@pytest.mark.usefixtures("_allowed")
def test_looking_at_a_link_without_opening_it_does_not_use_it_up(world: World) -> None:
    link = login_links.create_path(world.cast.alice)

    assert Client().head(link).status_code == 405
    assert Client().get(link).status_code == 302


def test_without_the_setting_there_are_no_links(world: World) -> None:
    link = login_links.create_path(world.cast.alice)
    browser = Client()

    assert browser.get(link).status_code == 404
    assert _signed_in(browser) is None
