"""Whether a proof holds: everything in it that follows from something else in it is computed anew and compared.

Pure, and the standard library alone. What it cannot see: whether the events are those that the browsers sent. Exporting
is deterministic, so whoever doubts that compares the file's SHA-256 with that of an export of their own.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass

from apps.detection.catalog import UnknownSignalError, by_name
from apps.detection.definition import ParameterError
from apps.detection.interactions import first_copies
from apps.incidents.lifecycle import fingerprint, incident_id
from apps.incidents.proof.document import Proof
from apps.incidents.proof.recomputing import counted_signals, sentence_of, stretches, verdict_on
from apps.thresholds.evaluation import Status
from apps.thresholds.windows import cell_of


def first_difference(proof: Proof) -> str | None:
    """The first place, in the order of the flow, where the proof says something else than follows; None: it holds."""
    for check in _CHECKS:
        difference = check(proof)
        if difference:
            return difference
    return None


def _definitions(proof: Proof) -> str | None:
    """The definitions are those that this release computes, with parameters that they can take."""
    named = [definition.name for definition in proof.definitions]
    if named != sorted(set(proof.rule.signals)):
        return f"definitions: those of {', '.join(named) or 'nothing'}, but the rule counts other signals."
    for used in proof.definitions:
        try:
            definition = by_name(used.name)
            values = definition.values(used.parameters)
        except (UnknownSignalError, ParameterError) as error:
            return f"definitions: {error}"
        if definition.version != used.version:
            return (
                f"definitions: the proof is about version {used.version} of {used.name}, and this release of Irk "
                f"computes version {definition.version}. Verify it with the release that exported it."
            )
        if values != used.parameters:
            return f"definitions: {used.name} does not name all of its parameters."
    return None


def _events(proof: Proof) -> str | None:
    """The events are such as the tick could see: of the project, arrived in time, each once and in order."""
    seen_before_ms = proof.opening.opened_ms - proof.settle_ms
    for number, event in enumerate(proof.events):
        if event.project_id != proof.opening.project_id:
            return f"events[{number}]: it is of project {event.project_id}, not {proof.opening.project_id}."
        if event.stored_at_ms >= seen_before_ms:
            return (
                f"events[{number}]: stored at {event.stored_at_ms}, and the tick saw what was before {seen_before_ms}."
            )
    if list(proof.events) != first_copies(proof.events):
        return "events: not each evaluable one once, by session, page view and number."
    return None


def _signals(proof: Proof) -> str | None:
    """The references find exactly the stated signals in the events, and every session shows one."""
    found = counted_signals(
        proof.events,
        proof.definitions,
        rule=proof.rule,
        group=proof.opening.group,
        window_end_ms=proof.verdict.window_end_ms,
        settled_before_ms=proof.opening.settled_before_ms,
        hidings=proof.hidings,
        as_of_ms=proof.opening.opened_ms,
    )
    for number, (stated, computed) in enumerate(zip(proof.signals, found, strict=False)):
        if stated != computed:
            return _compared(f"signals[{number}]", stated, computed)
    if len(found) != len(proof.signals):
        return f"signals: the proof states {len(proof.signals)}, and its events make {len(found)}."
    idle = {event.session_id for event in proof.events} - {signal.session_id for signal in found}
    if idle:
        return f"events: session {min(idle)} shows no signal that counts."
    return None


def _presences(proof: Proof) -> str | None:
    """Who was there is such as the tick could know, each once and in order, and has every session with a signal."""
    if proof.rule.metric != "share":
        return "presences: the rule is about no share, and asks for none." if proof.presences else None
    if list(proof.presences) != sorted(set(proof.presences)):
        return "presences: not each once, by session and time."
    times = stretches(proof.rule, proof.verdict.window_end_ms)
    for number, seen in enumerate(proof.presences):
        if seen.known_ms > proof.opening.opened_ms or seen.cell_ms != cell_of(seen.cell_ms):
            return f"presences[{number}]: it is not on the grid, or the tick did not know of it yet."
        if not any(from_ms <= seen.cell_ms < to_ms for from_ms, to_ms in times):
            return f"presences[{number}]: it lies in none of the windows."
    there = {(seen.session_id, seen.cell_ms) for seen in proof.presences}
    for number, signal in enumerate(proof.signals):
        if (signal.session_id, cell_of(signal.ts_ms)) not in there:
            return f"presences: the session of signals[{number}] was not there."
    return None


def _verdict(proof: Proof) -> str | None:
    """The rule gives exactly the stated verdict on these signals, and it is a breach by the tick that opened."""
    stated = proof.verdict
    if stated.as_of_ms != proof.opening.opened_ms:
        return f"verdict.as_of_ms: {stated.as_of_ms}, and the incident opened at {proof.opening.opened_ms}."
    if stated.window_end_ms > stated.as_of_ms:
        return "verdict.window_end_ms: the window ends after the tick that judged it."
    computed = verdict_on(
        proof.signals,
        proof.presences,
        rule=proof.rule,
        as_of_ms=stated.as_of_ms,
        window_end_ms=stated.window_end_ms,
        settled_before_ms=proof.opening.settled_before_ms,
    )
    if stated != computed:
        return _compared("verdict", stated, computed)
    if stated.status is not Status.BREACHED:
        return f"verdict.status: {stated.status}, which opens no incident."
    return None


def _incident(proof: Proof) -> str | None:
    """The fingerprint, the incident's id and its sentence follow from the rest."""
    opening = proof.opening
    of_fingerprint = fingerprint(opening.project_id, proof.rule.threshold_id, opening.group)
    for name, stated, computed in (
        ("fingerprint", opening.fingerprint, str(of_fingerprint)),
        ("incident_id", opening.incident_id, str(incident_id(of_fingerprint, opening.opened_ms))),
        (
            "sentence",
            opening.sentence,
            sentence_of(
                proof.signals,
                rule=proof.rule,
                group=opening.group,
                verdict=proof.verdict,
                settled_before_ms=opening.settled_before_ms,
            ),
        ),
    ):
        if stated != computed:
            return _difference(f"opening.{name}", stated, computed)
    return None


_CHECKS: tuple[Callable[[Proof], str | None], ...] = (_definitions, _events, _signals, _presences, _verdict, _incident)


def _compared(place: str, stated: object, computed: object) -> str:
    """Names the first field, however deep, in which two different records differ."""
    for name, one, other in _parts(stated, computed):
        if one != other:
            return _compared(f"{place}{name}", one, other)
    return _difference(place, stated, computed)


def _parts(stated: object, computed: object) -> Iterable[tuple[str, object, object]]:
    if is_dataclass(stated) and type(stated) is type(computed):
        return [
            (f".{field.name}", getattr(stated, field.name), getattr(computed, field.name)) for field in fields(stated)
        ]
    if isinstance(stated, tuple) and isinstance(computed, tuple) and len(stated) == len(computed):
        return [(f"[{number}]", *pair) for number, pair in enumerate(zip(stated, computed, strict=True))]
    return []


def _difference(place: str, stated: object, computed: object) -> str:
    return f"{place}: the proof states {stated!r}, and its content gives {computed!r}."
