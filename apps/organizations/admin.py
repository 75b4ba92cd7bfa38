"""Organizations, who belongs to them, and the people of the installation."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.core import admin_times
from apps.organizations.models import Membership, Organization, Role, User
from apps.organizations.scoped_admin import ScopedAdmin, ScopedInline, is_superuser, signed_in

# Roles are ours (Membership.role); Django's groups would be a second, unused answer to the same question.
admin.site.unregister(Group)


class MembershipFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # not generic at run time
    """Keeps an owner in every organization."""

    def clean(self) -> None:
        """Refuses to leave an organization without an owner: nobody could let anybody in again."""
        super().clean()
        rows = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None)]
        if rows and not any(row.get("role") == Role.OWNER and not row.get("DELETE") for row in rows):
            raise ValidationError("An organization needs at least one owner. Make somebody else an owner first.")


class MembershipInline(ScopedInline):
    """The members of an organization. Who runs the installation adds people, owners change roles and remove people."""

    model = Membership
    formset = MembershipFormSet
    fields = ["user", "role"]
    organization_path = ("organization",)
    change_role = delete_role = Role.OWNER
    verbose_name = "member"
    verbose_name_plural = "members"
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The members of the organizations that the person may see."""
        visible = Organization.objects.visible_to(signed_in(request))
        return Membership.objects.filter(organization__in=visible).select_related("user").order_by("user__username")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who runs the installation: an owner must not learn of people in other organizations."""
        return is_superuser(request)


@admin.register(Organization)
class OrganizationAdmin(ScopedAdmin):
    """An organization and its members."""

    list_display = ["name", "members", "projects", "created"]
    search_fields = ["name", "slug"]
    prepopulated_fields: ClassVar[dict[str, Any]] = {"slug": ["name"]}
    # Said here too: the counts below group the rows, and Django drops a model's ordering then.
    ordering = ["name"]
    inlines = [MembershipInline]
    change_role = Role.OWNER
    words_when_empty = (
        "There is no organization yet. Whoever runs this installation adds one for each customer or team."
    )
    created = admin_times.column("created_at", "Created")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the number of members and projects."""
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(
            member_count=Count("memberships", distinct=True), project_count=Count("projects", distinct=True)
        )
        return counted

    def organization_id_of(self, row: Any) -> int | None:
        """An organization belongs to itself."""
        return int(row.pk)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Says how people get in, to those who cannot add them."""
        said = "" if is_superuser(request) else "New members are added by whoever runs this installation."
        return [(None, {"fields": ["name", "slug"], "description": said})]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who runs the installation makes organizations."""
        return is_superuser(request)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        """Only where the field can be written."""
        return self.prepopulated_fields if obj is None else {}

    @admin.display(description="Members", ordering="member_count")
    def members(self, organization: Any) -> int:
        """How many people belong to it."""
        return int(organization.member_count)

    @admin.display(description="Projects", ordering="project_count")
    def projects(self, organization: Any) -> int:
        """How many projects it owns."""
        return int(organization.project_count)


@admin.register(User)
class PersonAdmin(UserAdmin, ScopedAdmin):  # type: ignore[type-arg]  # Django's password pages, our scope
    """The people of the installation. Only who runs it sees this page, and adds them to organizations."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "first_name", "last_name", "is_active", "is_superuser", "last_signed_in"]
    list_filter = ["is_active", "is_superuser"]
    last_signed_in = admin_times.column("last_login", "Signed in last", never="Never")
    filter_horizontal: ClassVar[list[str]] = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("Who it is", {"fields": ["first_name", "last_name", "email"]}),
        (
            "Access",
            {
                "fields": ["is_active", "is_staff", "is_superuser"],
                "description": "“Staff” lets a person sign in here; what they see is decided by their memberships.",
            },
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "usable_password", "password1", "password2", "is_staff"]}),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who runs the installation."""
        return is_superuser(request)

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who runs the installation."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what a person did stays attributed to them. Deactivate them instead."""
        return False
