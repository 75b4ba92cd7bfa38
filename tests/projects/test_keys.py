import pytest

from apps.organizations.models import Organization
from apps.projects import keys
from apps.projects.models import ApiKey, Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    organization = Organization.objects.create(name="Alice's shop", slug="alice")
    return Project.objects.create(organization=organization, name="Shop", slug="shop")


def test_a_new_key_is_shown_once_and_only_its_hash_is_stored(project: Project) -> None:
    new = keys.create(project=project, name="production", actor=None)
    stored = ApiKey.objects.values().get()
    assert new.plain.startswith("irk_pk_")
    assert len(new.plain) == len("irk_pk_") + 24
    assert all(new.plain not in str(value) for value in stored.values())
    assert stored["key_hash"] == keys.hash_key(new.plain)
    assert new.plain.startswith(stored["prefix"])


def test_two_keys_are_live_during_a_rotation(project: Project) -> None:
    keys.create(project=project, name="old", actor=None)
    keys.create(project=project, name="new", actor=None)
    assert project.api_keys.live().count() == 2


def test_revoking_twice_keeps_the_first_time(project: Project) -> None:
    api_key = keys.create(project=project, name="old", actor=None).api_key
    keys.revoke(api_key)
    first = ApiKey.objects.get().revoked_at
    keys.revoke(api_key)
    assert ApiKey.objects.get().revoked_at == first
    assert project.api_keys.live().count() == 0
