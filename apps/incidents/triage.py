"""What people do to incidents. Each function checks who may, and whether the incident is still where they saw it."""

from django.db import IntegrityError, transaction

from apps.core import clock
from apps.incidents import recording
from apps.incidents.lifecycle import Move, target_state
from apps.incidents.models import Incident, State, Transition
from apps.incidents.recording import Mute
from apps.organizations.access import may_act_as
from apps.organizations.models import Role, User
from apps.thresholds.evaluation import from_json


class TriageError(Exception):
    """Something that cannot be done to an incident. The message is for the person who tried."""


class NotAllowedError(TriageError):
    """The person may not triage incidents of this organization."""


class MoveRefusedError(TriageError):
    """The incident's state does not allow the move; somebody else, or the engine, may have been faster."""


class AssigneeRefusedError(TriageError):
    """The incident cannot be given to this person."""


def acknowledge(*, incident: Incident, actor: User) -> Transition:
    """Somebody is looking at it. Raises NotAllowedError, MoveRefusedError."""
    return _move(incident, Move.ACKNOWLEDGE, actor, "Acknowledged.")


def resolve(*, incident: Incident, actor: User) -> Transition:
    """It is settled: signals from before now are no longer counted. Raises NotAllowedError, MoveRefusedError."""
    return _move(incident, Move.RESOLVE, actor, "Resolved.")


def mute(*, incident: Incident, actor: User, mute: Mute) -> Transition:
    """It is measured on, but asks nobody for anything until the mute ends. Raises NotAllowedError, MoveRefusedError."""
    if mute.until <= clock.now():
        raise MoveRefusedError("A mute must end in the future.")
    reached = from_json(incident.peak).value
    if mute.level and mute.level <= reached:
        raise MoveRefusedError(f"It reached {reached} already: choose a higher number, or leave it empty.")
    level = f", or until it reaches {mute.level}" if mute.level else ""
    release = f", or until it shows in release {mute.release}" if mute.release else ""
    return _move(incident, Move.MUTE, actor, f"Muted until {mute.until:%Y-%m-%d %H:%M} UTC{level}{release}.", mute=mute)


def unmute(*, incident: Incident, actor: User) -> Transition:
    """It is open again before its mute ends. Raises NotAllowedError, MoveRefusedError."""
    return _move(incident, Move.UNMUTE, actor, "Unmuted.")


def reopen(*, incident: Incident, actor: User) -> Transition:
    """It is not settled after all. Raises NotAllowedError, MoveRefusedError.

    Refused where the same trouble has an unresolved incident by now: there is one at a time.
    """
    return _move(incident, Move.REOPEN, actor, "Reopened.")


@transaction.atomic
def assign(*, incident: Incident, actor: User, assignee: User | None) -> Transition:
    """It is `assignee`'s now, or nobody's. Raises NotAllowedError, AssigneeRefusedError."""
    locked = _locked(incident, actor)
    organization_id = locked.project.organization_id
    if assignee is not None and not may_act_as(assignee, role=Role.TRIAGER, organization_id=organization_id):
        raise AssigneeRefusedError(f"{assignee} cannot triage incidents of {locked.project.organization}.")
    reason = f"Assigned to {assignee}." if assignee else "Assigned to nobody."
    transition = recording.assign(locked, assignee, actor=actor, at=clock.now(), reason=reason)
    incident.assignee = assignee
    return transition


@transaction.atomic
def _move(incident: Incident, move: Move, actor: User, reason: str, *, mute: Mute | None = None) -> Transition:
    locked = _locked(incident, actor)
    to_state = target_state(move, locked.state)
    if to_state is None:
        raise MoveRefusedError(
            f"The incident is {State(locked.state).label.lower()} by now, so it cannot be {_PAST[move]}."
        )
    try:
        # Its own savepoint: the database may refuse a second unresolved incident of the same fingerprint.
        with transaction.atomic():
            transition = recording.move(locked, to_state, actor=actor, at=clock.now(), reason=reason, mute=mute)
    except IntegrityError as error:
        raise MoveRefusedError("A newer incident of the same trouble is unresolved: work on that one.") from error
    # The caller's copy shows what was stored.
    incident.state, incident.resolved_at, incident.muted_until = locked.state, locked.resolved_at, locked.muted_until
    incident.muted_level, incident.muted_release = locked.muted_level, locked.muted_release
    return transition


def _locked(incident: Incident, actor: User) -> Incident:
    """The incident as it is now, locked until the transaction ends. Raises NotAllowedError."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("project__organization")
    locked = rows.get(pk=incident.pk)
    if not may_act_as(actor, role=Role.TRIAGER, organization_id=locked.project.organization_id):
        raise NotAllowedError("You may not triage incidents of this organization. Ask an owner for the role Triager.")
    return locked


_PAST = {
    Move.ACKNOWLEDGE: "acknowledged",
    Move.RESOLVE: "resolved",
    Move.MUTE: "muted",
    Move.UNMUTE: "unmuted",
    Move.REOPEN: "reopened",
}
