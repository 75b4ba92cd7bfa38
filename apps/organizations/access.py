"""Who may do what in which organization. The admin and every later API ask here, nowhere else."""

from django.contrib.auth.models import AnonymousUser

from apps.organizations.models import Membership, Role, User

# From the least to the most: a role may do whatever an earlier one may.
_RANK: dict[str, int] = {Role.VIEWER: 0, Role.TRIAGER: 1, Role.ENGINEER: 2, Role.OWNER: 3}


def may_act_as(user: User | AnonymousUser, *, role: Role, organization_id: int | None = None) -> bool:
    """Whether `user` holds at least `role` in the organization, or in any organization when none is named."""
    if not user.is_active or not isinstance(user, User):
        return False
    if user.is_superuser:
        return True
    memberships = Membership.objects.filter(user=user)
    if organization_id is not None:
        memberships = memberships.filter(organization_id=organization_id)
    return any(_RANK[held] >= _RANK[role] for held in memberships.values_list("role", flat=True))
