"""What the demo finds in the database, and what it makes."""

from pathlib import Path

import pytest

from apps.clickhouse import client
from apps.demo import seeding, shop_key
from apps.organizations.access import may_act_as
from apps.organizations.models import Organization, Role
from apps.projects import keys
from apps.projects.models import ApiKey, Project
from apps.thresholds.models import Threshold

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRK_DATA_DIR", str(tmp_path))


def test_seeding_twice_changes_nothing(clickhouse: None) -> None:
    first = seeding.seed()
    second = seeding.seed()

    assert second == first
    counts = [model.objects.count() for model in (Organization, Project, ApiKey)]
    assert counts == [1, 1, 1]


def test_the_owner_owns_the_demo_and_can_sign_in_by_link_only(clickhouse: None) -> None:
    demo = seeding.seed()

    assert may_act_as(demo.owner, role=Role.OWNER, organization_id=demo.project.organization_id)
    assert not demo.owner.is_superuser
    assert demo.owner.is_staff
    assert not demo.owner.has_usable_password()


def test_the_thresholds_open_for_as_few_shoppers_as_the_recording_has(clickhouse: None) -> None:
    project = seeding.seed().project

    bounds: dict[str, int] = {}
    for threshold in Threshold.objects.filter(project=project):
        assert threshold.current_version is not None
        bounds |= dict.fromkeys(threshold.current_version.signals, threshold.current_version.at_least)
    assert {signal: bounds[signal] for signal in seeding.SENSITIVE} == seeding.SENSITIVE


def test_a_lost_or_revoked_key_is_made_anew(clickhouse: None) -> None:
    lost = seeding.seed().key
    shop_key.path().unlink()
    revoked = seeding.seed().key
    keys.revoke(ApiKey.objects.get(key_hash=keys.hash_key(revoked)))

    live = seeding.seed().key

    assert len({lost, revoked, live}) == 3
    assert shop_key.read() == live


def test_a_replay_gets_a_new_project_once_the_newest_has_events(clickhouse: None) -> None:
    first = seeding.seed_unvisited()
    assert seeding.seed_unvisited() == first
    client.insert(
        "events",
        {
            "project_id": [first.project.pk],
            "session_id": ["session-1"],
            "page_id": ["page-one-1"],
            "n": [0],
            "retention_days": [90],
        },
    )

    second = seeding.seed_unvisited()

    assert second.project.name == "Demo shop 2"
    assert second.key != first.key
    assert shop_key.read() == second.key
    assert seeding.seed() == second


def test_a_project_that_somebody_made_for_a_site_of_their_own_is_left_alone(clickhouse: None) -> None:
    demo = seeding.seed()
    own = Project.objects.create(organization=demo.project.organization, name="My app", slug="demo-shop-of-mine")

    again = seeding.seed_unvisited()

    assert again == demo
    assert not ApiKey.objects.filter(project=own).exists()
