"""Projects and their keys."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.organizations.models import Organization, User
from apps.projects.origins import LONGEST, WHAT_TO_LIST, validate_origin

# Days. Below the longest window (24 h) plus lateness (7 days) a threshold could miss its own events.
SHORTEST_RETENTION = 9
LONGEST_RETENTION = 400


class ProjectQuerySet(models.QuerySet["Project"]):
    """Reads of projects."""

    def visible_to(self, user: User) -> Self:
        """The projects of the organizations that `user` may see."""
        return self.filter(organization__in=Organization.objects.visible_to(user))


class Project(models.Model):
    """One web app of a customer. Events, thresholds and incidents belong to a project."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=50)
    allowed_origins = ArrayField(
        models.CharField(max_length=LONGEST, validators=[validate_origin]),
        default=list,
        blank=True,
        help_text=WHAT_TO_LIST,
    )
    retention_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(SHORTEST_RETENTION), MaxValueValidator(LONGEST_RETENTION)],
        help_text="Days after which events and signals are deleted. A change holds for what is stored from then on.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="project_slug_per_organization")]

    def __str__(self) -> str:
        return self.name


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Reads of keys."""

    def visible_to(self, user: User) -> Self:
        """The keys of the projects that `user` may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def live(self) -> Self:
        """The keys that ingest accepts."""
        return self.filter(revoked_at__isnull=True)


class ApiKey(models.Model):
    """A public, write-only key of a project. Only its hash is stored; `prefix` lets people tell keys apart."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100, help_text="Where the key is used, for example: production web app.")
    prefix = models.CharField(max_length=16, editable=False)
    # Serves ingest's lookup, once per key and cache period.
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
