"""The bodies of all answers, as types: what `views` sends is what `openapi` publishes."""

import msgspec

from apps.ingest.decoding import Rejected


class Accepted(msgspec.Struct):
    """The accepted events are durably stored. A rejected one will be rejected again: do not send it anew."""

    accepted: int
    rejected: list[Rejected]


class Fault(msgspec.Struct):
    """What was wrong, as a word for programs, and in words that tell a developer what to change."""

    code: str
    message: str


class Error(msgspec.Struct):
    """Nothing was taken. 500 and 503: nothing is known to be."""

    error: Fault
