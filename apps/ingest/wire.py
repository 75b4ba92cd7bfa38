"""The wire format, version 1, as types. docs/wire.md says what each field means; this says what is accepted.

Every number has its column's range and every text its length here, so that what has been decoded can be stored.
Optional fields default to None, never to a value: what is None was not told, which is how `decoding` notices keys that
stand twice. Fields not named here are dropped by `decoding`, one by one: a newer SDK may send them.
"""

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

VERSION: Final = 1

_UINT32: Final = 2**32 - 1
# Beyond ±2^53 a JavaScript number is no exact integer any more.
_EXACT: Final = 2**53

Count = Annotated[int, Meta(ge=0, le=_UINT32)]
# ms. 2^32 ms are 49 days, and a session ends after one. Fractions, which browsers' clocks have, are not stored.
Duration = Annotated[float, Meta(ge=0, le=_UINT32)]
WallClock = Annotated[float, Meta(ge=-_EXACT, le=_EXACT)]
Pixels = Annotated[float, Meta(ge=-(2**31), le=2**31 - 1)]
Status = Annotated[int, Meta(ge=0, le=999)]
# \Z, not $: the latter also matches before a line end.
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}\Z")]

# Texts, in characters. A longer one is cut and its event marked. Word: for the columns that hold few different values.
Word = Annotated[str, Meta(max_length=64)]
Label = Annotated[str, Meta(max_length=40)]
Name = Annotated[str, Meta(max_length=256)]
Route = Annotated[str, Meta(max_length=512)]
Text = Annotated[str, Meta(max_length=8192)]

EventType = Literal[
    "page", "click", "submit", "field", "error", "request", "leave", "track",
    "scroll", "pointer", "zoom", "return", "copy", "interaction",
]  # fmt: skip
EVENT_TYPES: Final = frozenset(get_args(EventType))


# gc=False: no object of these can be part of a cycle, so the collector need not look at thousands of them.
class _Wire(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    pass


class Element(_Wire):
    """What was clicked, filled in or submitted."""

    sel: Text | None = None
    role: Word | None = None
    label: Label | None = None
    kind: Word | None = None
    click: bool | None = None


class Answers(_Wire):
    """How the page answered: kind to ms."""

    mut: Duration | None = None
    bg: Duration | None = None
    req: Duration | None = None
    nav: Duration | None = None
    scroll: Duration | None = None
    sel: Duration | None = None
    input: Duration | None = None
    focus: Duration | None = None
    dlg: Duration | None = None
    dl: Duration | None = None
    win: Duration | None = None
    media: Duration | None = None
    vis: Duration | None = None
    err: Duration | None = None


class Event(_Wire):
    """One event. Which optional fields a type has is in docs/wire.md; one that a type does not have is ignored."""

    n: Count
    t: Duration
    type: EventType
    route: Route | None = None
    el: Element | None = None
    x: Pixels | None = None
    y: Pixels | None = None
    after: Answers | None = None
    # Mutation batches per second; a browser cannot come near the bound, which keeps the value a Float32.
    bg: Annotated[float, Meta(ge=0, le=1e6)] | None = None
    observed: Duration | None = None
    detail: Count | None = None
    mods: Word | None = None
    ptr: Word | None = None
    button: Annotated[int, Meta(ge=-1, le=255)] | None = None
    nav: Word | None = None
    from_: Route | None = msgspec.field(default=None, name="from")
    how: Word | None = None
    status: Status | None = None
    form: Text | None = None
    edits: Count | None = None
    clears: Count | None = None
    dur: Duration | None = None
    kind: Word | None = None
    group: Name | None = None
    message: Text | None = None
    source: Text | None = None
    method: Word | None = None
    url: Text | None = None
    name: Word | None = None
    dist: Pixels | None = None
    turns: Count | None = None
    scale: Count | None = None
    age: Duration | None = None
    shift: Duration | None = None
    # "shiftAgo" on the wire: an attribute is named as Python names them
    shift_ago: Duration | None = msgspec.field(default=None, name="shiftAgo")


class Context(_Wire):
    """What holds for all events of a batch."""

    release: Name | None = None
    environment: Word | None = None
    user: Name | None = None
    device: Word | None = None
    viewport: tuple[Pixels, Pixels] | None = None
    lang: Word | None = None


class Batch(_Wire):
    """What one request carries."""

    v: Literal[1]
    sid: Id
    page: Id
    origin: WallClock
    sentMono: WallClock  # noqa: N815 the wire's name
    sentWall: WallClock  # noqa: N815
    events: list[Event]
    sdk: Word | None = None
    seq: Count | None = None
    # "try" is a word of Python's
    tries: Count | None = msgspec.field(default=None, name="try")
    ctx: Context | None = None
    lost: Count | None = None
