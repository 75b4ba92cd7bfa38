"""The cast and their projects."""

from dataclasses import dataclass

from apps.organizations.models import Membership, Organization, Role, User
from apps.projects.models import Project


@dataclass(frozen=True)
class Cast:
    """Alice and Bob of one organization with a project; Charlie of another, with a project too."""

    alice: User
    bob: User
    charlie: User
    organization: Organization
    project: Project
    other_organization: Organization
    other_project: Project


def make_cast() -> Cast:
    """Stores the cast: Alice (owner) and Bob (triager) of "Alice's Shop", Charlie (owner) of "Charlie's Bank"."""
    organization = Organization.objects.create(name="Alice's Shop", slug="alices-shop")
    other_organization = Organization.objects.create(name="Charlie's Bank", slug="charlies-bank")
    return Cast(
        alice=_member("alice", organization, Role.OWNER),
        bob=_member("bob", organization, Role.TRIAGER),
        charlie=_member("charlie", other_organization, Role.OWNER),
        organization=organization,
        project=make_project(organization),
        other_organization=other_organization,
        other_project=make_project(other_organization, name="Bank", slug="bank"),
    )


def make_project(organization: Organization, *, name: str = "Shop", slug: str = "shop") -> Project:
    """Stores a project without thresholds."""
    return Project.objects.create(organization=organization, name=name, slug=slug)


def _member(username: str, organization: Organization, role: Role) -> User:
    user = User.objects.create_user(
        username, email=f"{username}@example.com", password="a-long-test-password", is_staff=True
    )
    Membership.objects.create(organization=organization, user=user, role=role)
    return user
