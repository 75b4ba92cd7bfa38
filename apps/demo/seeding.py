"""What the demo needs in the database: organization, owner, a project with a key, thresholds for few shoppers."""

from dataclasses import dataclass
from itertools import count

from django.db import transaction

from apps.clickhouse import client
from apps.core import clock
from apps.demo import shop_key
from apps.organizations.models import Membership, Organization, Role, User
from apps.projects import keys
from apps.projects.models import ApiKey, Project
from apps.thresholds import versions
from apps.thresholds.models import Threshold

ORGANIZATION = "larkspur"
OWNER = "demo"

# Sessions with a signal within the window that open an incident. The defaults are made for real traffic; eight shoppers
# would not reach them. A dead click needs two people, since one may have clicked by mistake.
SENSITIVE: dict[str, int] = {"rage_click": 1, "dead_click": 2, "error_click": 1, "form_retry": 1}


@dataclass(frozen=True)
class Demo:
    """The demo project that the shop reports to, its plain key, and the person who may sign in to look at it."""

    project: Project
    owner: User
    key: str


def seed() -> Demo:
    """Makes what is missing and returns the demo. Run twice it changes nothing."""
    with transaction.atomic():
        organization, _ = Organization.objects.get_or_create(slug=ORGANIZATION, defaults={"name": "Larkspur (demo)"})
        owner = _owner(organization)
        # Not one that somebody has made for a site of their own.
        shops = Project.objects.filter(organization=organization, slug__regex=r"^demo-shop(-\d+)?$")
        project = shops.order_by("-pk").first()
        if project is None:
            project = _make_project(organization, owner)
    return Demo(project=project, owner=owner, key=_key(project, owner))


def seed_unvisited() -> Demo:
    """The demo, with a project that nobody has visited yet.

    An incident that is already open would not open again, and somebody may be looking at the last run's. So each replay
    gets a project of its own, and the shop reports to the newest.
    """
    demo = seed()
    if not _visited(demo.project):
        return demo
    with transaction.atomic():
        project = _make_project(demo.project.organization, demo.owner)
    return Demo(project=project, owner=demo.owner, key=_key(project, demo.owner))


def _owner(organization: Organization) -> User:
    owner, made = User.objects.get_or_create(
        username=OWNER, defaults={"is_staff": True, "first_name": "Demo", "last_name": "Owner"}
    )
    if made:
        # Signs in by a one-time link only.
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    Membership.objects.get_or_create(organization=organization, user=owner, defaults={"role": Role.OWNER})
    return owner


def _make_project(organization: Organization, owner: User) -> Project:
    taken = set(Project.objects.filter(organization=organization).values_list("slug", flat=True))
    number = next(number for number in count(1) if _slug(number) not in taken)
    name = "Demo shop" if number == 1 else f"Demo shop {number}"
    project = Project.objects.create(organization=organization, name=name, slug=_slug(number))
    versions.create_defaults(project, owner)
    for threshold in Threshold.objects.filter(project=project).select_related("current_version"):
        _make_sensitive(threshold, owner)
    return project


def _slug(number: int) -> str:
    return "demo-shop" if number == 1 else f"demo-shop-{number}"


def _make_sensitive(threshold: Threshold, owner: User) -> None:
    current = threshold.current_version
    if current is None:
        return
    bounds = [SENSITIVE[signal] for signal in current.signals if signal in SENSITIVE]
    if bounds:
        versions.save_version(threshold=threshold, fields={"at_least": max(bounds)}, actor=owner, at=clock.now())


def _key(project: Project, owner: User) -> str:
    """The plain key that the shop's pages carry, made anew where the kept one is not a live key of `project`."""
    plain = shop_key.read()
    if plain and ApiKey.objects.live().filter(project=project, key_hash=keys.hash_key(plain)).exists():
        return plain
    plain = keys.create(project=project, name="The demo shop", actor=owner).plain
    shop_key.write(plain)
    return plain


def _visited(project: Project) -> bool:
    # Sort key: (project_id, …), so one project's rows are one range.
    rows = client.query("SELECT 1 FROM events WHERE project_id = %(project)s LIMIT 1", {"project": project.pk})
    return bool(rows)
