"""The base of every admin class: nobody sees or changes another organization's rows.

Three rules, each in one place:

* every queryset goes through `visible_to(request.user)`: lists, pages, history, deletion, autocomplete, actions;
* every foreign key offers, and therefore accepts, only rows of organizations where the user holds the role to write;
* permissions come from the role in the row's organization, never from Django's permission tables.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from django.contrib.admin import RelatedFieldListFilter, ShowFacets
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator

from apps.organizations.access import may_act_as
from apps.organizations.models import Organization, Role, User

if TYPE_CHECKING:
    # unfold ships no types; its classes extend these.
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.contrib.admin.options import BaseModelAdmin
    from django.forms import ModelChoiceField

    _Options = BaseModelAdmin[Any]
    _Page = ModelAdmin[Any]
    _Inline = TabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin as _Page
    from unfold.admin import TabularInline as _Inline

    _Options = object


class _Scoped(Protocol):
    """A queryset that knows who may see its rows."""

    def visible_to(self, user: User) -> QuerySet[Model]: ...


class _ScopedModel(Protocol):
    """A model whose manager comes from such a queryset."""

    objects: _Scoped


def visible_rows(model: type[Model], user: User) -> QuerySet[Model]:
    """The rows of `model` that `user` may see."""
    if model is User:
        return cast("QuerySet[Model]", visible_people(user))
    return cast("_ScopedModel", model).objects.visible_to(user)


def visible_people(user: User) -> QuerySet[User]:
    """The people that `user` may see: everybody for a superuser, the members of their organizations for others."""
    if user.is_active and user.is_superuser:
        return User.objects.all()
    shared = Organization.objects.visible_to(user)
    return User.objects.filter(memberships__organization__in=shared).distinct()


def acting_organizations(user: User, role: Role) -> QuerySet[Organization]:
    """The organizations in which `user` holds at least `role`."""
    visible = Organization.objects.visible_to(user)
    if user.is_superuser:
        return visible
    # People belong to a handful of organizations: asking one by one costs little and keeps one place that ranks roles.
    held = [pk for pk in visible.values_list("pk", flat=True) if may_act_as(user, role=role, organization_id=pk)]
    return visible.filter(pk__in=held)


def signed_in(request: HttpRequest) -> User:
    """The person behind an admin request; the admin lets nobody else in."""
    return cast("User", request.user)


def is_member(request: HttpRequest) -> bool:
    """Whether the person belongs to any organization (or is a superuser)."""
    return may_act_as(request.user, role=Role.VIEWER)


def is_superuser(request: HttpRequest) -> bool:
    """Whether the person runs the installation."""
    return bool(request.user.is_active and request.user.is_superuser)


class _ScopedOptions(_Options):
    """What a scoped page and a scoped inline have in common."""

    # The path of a row's organization, in field names: ("project", "organization").
    organization_path: ClassVar[tuple[str, ...]] = ()
    # The least role that may do it; None: nobody through this page, superusers included.
    view_role: ClassVar[Role | None] = Role.VIEWER
    add_role: ClassVar[Role | None] = None
    change_role: ClassVar[Role | None] = None
    delete_role: ClassVar[Role | None] = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that the person may see."""
        rows = visible_rows(self.model, signed_in(request))
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Offers only rows of organizations in which the person may write what this page writes."""
        kwargs["queryset"] = self.choices_for(db_field, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def choices_for(self, db_field: ForeignKey[Any, Any], request: HttpRequest) -> QuerySet[Any]:
        """The rows that `db_field` may be set to by this person."""
        user = signed_in(request)
        related = db_field.remote_field.model
        rows = visible_rows(related, user)
        role = self.change_role or self.add_role
        if role is None:
            return rows.none()
        if related is Organization:
            return rows.filter(pk__in=acting_organizations(user, role))
        if db_field.name == self.organization_path[0] and len(self.organization_path) > 1:
            path = "__".join(self.organization_path[1:])
            return rows.filter(**{f"{path}__in": acting_organizations(user, role)})
        return rows

    def organization_id_of(self, row: Model) -> int | None:
        """The organization that `row` belongs to; None while it belongs to none."""
        found: Any = row
        for name in self.organization_path:
            found = getattr(found, name, None)
            if found is None:
                return None
        return cast("int", found.pk)

    def _may(self, request: HttpRequest, role: Role | None, row: Any) -> bool:
        if role is None:
            return False
        # unfold hands some checks an id instead of the row.
        if row is not None and not isinstance(row, Model):
            row = self.get_queryset(request).filter(pk=row).first()
            if row is None:
                return False
        if row is None:
            return may_act_as(request.user, role=role)
        organization_id = self.organization_id_of(row)
        return organization_id is not None and may_act_as(request.user, role=role, organization_id=organization_id)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role, in the row's organization."""
        return self._may(request, self.view_role, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role, in the row's organization."""
        return self._may(request, self.change_role, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role, in the row's organization."""
        return self._may(request, self.delete_role, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the page shows up at all."""
        return self.has_view_permission(request)


class ScopedAdmin(_ScopedOptions, _Page):
    """A page over rows of organizations."""

    # What it means that the page has no rows, and what to do; for templates/unfold/helpers/empty_results.html.
    words_when_empty = ""
    # The number of all rows costs a scan and tells nobody anything.
    paginator = InfinitePaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50
    # Counting each filter's rows costs as much again.
    show_facets = ShowFacets.NEVER
    actions: Sequence[Any] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the person may add a row somewhere; the form offers only the places where."""
        return self._may(request, self.add_role, None)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without Django's bulk deletion, whose permission check does not look at the rows."""
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class ScopedInline(_ScopedOptions, _Inline):
    """Rows within another row's page. The parent decides who may write; the row's own organization is the parent's."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By role, in the parent's organization."""
        return self._may(request, self.add_role, obj)

    def organization_id_of(self, row: Model) -> int | None:
        """Django hands an inline its parent: an organization itself, or a row that has one."""
        if isinstance(row, Organization):
            return row.pk
        return cast("int | None", getattr(row, "organization_id", None))


class ScopedRelatedFilter(RelatedFieldListFilter):
    """A list filter that offers, and accepts, only what the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        """The ids and names of the visible rows."""
        rows = visible_rows(field.remote_field.model, signed_in(request))
        return [(row.pk, str(row)) for row in rows]

    def has_output(self) -> bool:
        """Also with a single choice: Django would ignore the filter then, and a foreign id would show all rows."""
        return bool(self.lookup_choices)
