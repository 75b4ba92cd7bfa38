"""What a proof holds, and the one file that says it. Pure, and the standard library alone.

The file is one line of canonical JSON (UTF-8, keys in order, no spaces) and a line feed, so that a proof has exactly
one file and any changed byte is found:

    {"content": {…}, "hashes": {a part of the content: its SHA-256}, "sha256": SHA-256 of the hashes}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn

from apps.core.records import RecordError, decoded, encoded
from apps.detection.definition import Value
from apps.detection.hiding import Hiding
from apps.detection.interactions import Event
from apps.detection.signal import Signal
from apps.thresholds.evaluation import Rule, Verdict
from apps.thresholds.exposure import Seen
from apps.thresholds.matching import Group

FORMAT = "irk-proof-1"


class UnreadableProofError(ValueError):
    """The bytes are not a proof as one was exported: cut, altered, or something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The incident as it opened. Ids are UUIDs as text; `opened_ms` is the logical time of the tick that opened it.

    Signals from before `settled_before_ms` did not count, because an earlier incident's resolution had settled them.
    """

    incident_id: str
    fingerprint: str
    project_id: int
    group: Group
    opened_ms: int
    settled_before_ms: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedDefinition:
    """A signal's definition with the parameters that held in the project."""

    name: str
    version: int
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Everything from which the verdict that opened the incident follows.

    `events` are those of the sessions with a signal in the windows that decided, as far as the tick could see them
    (stored before `opened_ms - settle_ms`), each once, by (session, page view, n). `signals` are those that these
    windows counted, in order of time. Besides the breached window they are those before it whose verdicts counted, and
    those that they were compared with. `presences`, where the rule is about a share, are all that the tick knew of who
    was there, in order. `verdict` is what the tick said. `hidings` are the project's suppressions,
    as they stood when the proof was exported.
    """

    format: str
    opening: Opening
    threshold: str
    rule: Rule
    definitions: tuple[UsedDefinition, ...]
    settle_ms: int
    events: tuple[Event, ...]
    signals: tuple[Signal, ...]
    verdict: Verdict
    hidings: tuple[Hiding, ...] = ()
    presences: tuple[Seen, ...] = ()


def to_bytes(proof: Proof) -> bytes:
    """The proof's file."""
    content = encoded(proof, leave_out_defaults=True)
    hashes = _hashes(content)
    return _file({"content": content, "hashes": hashes, "sha256": _sha256(hashes)})


def from_bytes(data: bytes) -> tuple[Proof, str]:
    """The proof that a file holds, and its SHA-256 as stated there and true. Raises UnreadableProofError."""
    document = _parsed(data)
    content, hashes = document.get("content"), document.get("hashes")
    if not isinstance(content, dict) or not isinstance(hashes, dict) or content.get("format") != FORMAT:
        raise UnreadableProofError(
            f"This is no proof of the format {FORMAT}. Another format is verified by the release that exported it."
        )
    actual = _hashes(content)
    for part in sorted({*actual, *hashes}):
        if actual.get(part) != hashes.get(part):
            raise UnreadableProofError(f"“{part}” was altered: its SHA-256 is not the one that the file states.")
    if document.get("sha256") != _sha256(actual):
        raise UnreadableProofError("The hashes were altered: their SHA-256 is not the one that the file states.")
    try:
        proof = decoded(Proof, content)
    except RecordError as error:
        raise UnreadableProofError(f"The content is not that of a proof. {error}") from None
    if encoded(proof, leave_out_defaults=True) != content or _file(document) != data:
        raise UnreadableProofError("The file was altered: it is not written as an export writes it.")
    return proof, str(document["sha256"])


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode(), parse_constant=_refuse)
    # RecursionError: brackets nested by the thousand.
    except (ValueError, RecursionError) as error:
        raise UnreadableProofError(f"The file cannot be read as JSON: {error}.") from None
    if not isinstance(document, dict):
        raise UnreadableProofError(f"This is no proof of the format {FORMAT}.")
    return document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _hashes(content: Mapping[str, object]) -> dict[str, str]:
    return {part: _sha256(value) for part, value in content.items()}


def _sha256(value: object) -> str:
    return sha256(_canonical(value)).hexdigest()


def _file(document: object) -> bytes:
    return _canonical(document) + b"\n"


def _canonical(value: object) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except ValueError as error:
        # Half of a surrogate pair, or a number beyond what JSON's readers agree on.
        raise UnreadableProofError(f"The content cannot be written as JSON: {error}.") from None
