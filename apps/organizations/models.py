"""Organizations and the people in them. Every scoped query starts from `Organization.objects.visible_to`."""

from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person who signs in. Ours from the start, so that SSO can add to it without moving a table."""

    def __str__(self) -> str:
        """What a person is called wherever people read it: the full name, or the username of who gave none."""
        return self.get_full_name() or self.get_username()


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Reads of organizations."""

    def visible_to(self, user: User) -> Self:
        """The organizations that `user` may see: a superuser all, a member their own, anybody else none."""
        if not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(memberships__user=user)


class Organization(models.Model):
    """A customer: owns projects, and everything below them."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=50, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do. Each role may do what the ones below it may."""

    OWNER = "owner", "Owner: members, projects and keys"
    ENGINEER = "engineer", "Engineer: thresholds"
    TRIAGER = "triager", "Triager: incidents"
    VIEWER = "viewer", "Viewer: read only"


class Membership(models.Model):
    """A person's place in an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_organization")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization} ({self.role})"
