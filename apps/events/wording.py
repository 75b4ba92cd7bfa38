"""Events in plain words, for somebody who does not code. Pure: no Django, no database, no clock.

What comes from the browser (labels, routes, messages) is put in as plain text; whoever shows the sentence escapes it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# The answers that a person can notice, in their words. `bg` and `err` answer nobody (docs/wire.md).
_ANSWERS: dict[str, str] = {
    "mut": "something on the page changed",
    "req": "it asked the server",
    "nav": "another page opened",
    "scroll": "the page scrolled",
    "sel": "text was selected",
    "input": "a field changed",
    "focus": "a field was entered",
    "dlg": "a dialog opened",
    "dl": "a download began",
    "win": "a new window opened",
    "media": "playback started or stopped",
    "vis": "the page was hidden or shown",
}
_ROLES = {"button": "button", "link": "link", "textbox": "field", "combobox": "list", "checkbox": "checkbox"}


@dataclass(frozen=True)
class TimelineEvent:
    """The fields of a stored event that its words are made of (docs/wire.md); times in ms."""

    page_id: str
    n: int
    t: int
    ts_ms: int
    type: str
    route: str
    environment: str
    release: str
    device: str
    user_id: str
    element: str
    element_role: str
    element_label: str
    answers: Mapping[str, int]
    observed_ms: int
    subtype: str
    status: int | None
    duration_ms: int
    message: str
    form: str
    facts: str


def sentence(event: TimelineEvent) -> str:
    """What happened, in one sentence without its full stop."""
    say = _SENTENCES.get(event.type)
    return say(event) if say else f"Something of the kind “{event.type}” happened"


def detail(event: TimelineEvent) -> str:
    """What a developer wants to know besides: the selector; empty where there is nothing to add."""
    return event.element or event.form


def is_trouble(event: TimelineEvent) -> bool:
    """Whether the event is bad news by itself, signal or not."""
    if event.type == "error":
        return True
    if event.type == "request":
        return not event.status or event.status >= 400
    if event.type == "page":
        return event.status is not None and event.status >= 400
    if event.type == "submit":
        return event.subtype == "invalid" or (event.status is not None and (event.status >= 400 or event.status == 0))
    return False


def duration(ms: int) -> str:
    """A length of time as people say it: 380 ms, 3.2 s, 2 min 5 s."""
    if ms < 1000:
        return f"{ms} ms"
    if ms < 60_000:
        # Cut, not rounded: 59,999 ms is not yet "60.0 s".
        return f"{ms // 1000}.{ms % 1000 // 100} s"
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def element_name(event: TimelineEvent) -> str:
    """What a person calls the element: its label in quotes, else what it is."""
    if event.element_label:
        return f"“{event.element_label}”"
    role = _ROLES.get(event.element_role, event.element_role)
    if role:
        return f"a {role} without a name"
    return "an empty spot" if not event.element else "something on the page"


def _page(event: TimelineEvent) -> str:
    opened = {
        "load": "Opened",
        "reload": "Reloaded",
        "push": "Moved on to",
        "replace": "Was taken to",
        "back": "Went back to",
        "bfcache": "Came back to",
    }.get(event.subtype, "Opened")
    said = f"{opened} {event.route or 'the page'}"
    if event.status is None or event.status < 400:
        return said
    return f"{said} – the server {'failed' if event.status >= 500 else 'refused it'} (code {event.status})"


def _click(event: TimelineEvent) -> str:
    return f"Clicked {element_name(event)} – {_answer(event)}"


def _answer(event: TimelineEvent) -> str:
    noticed = sorted((ms, kind) for kind, ms in event.answers.items() if kind in _ANSWERS)
    if noticed:
        ms, kind = noticed[0]
        # 100 ms feels instant (Nielsen, "Response times: the 3 important limits").
        when = "at once" if ms <= 100 else f"after {duration(ms)}"
        return f"{when} {_ANSWERS[kind]}"
    if event.observed_ms >= 1000:
        return f"the page did not answer within {duration(event.observed_ms)}"
    return "the page was left before it could answer"


def _submit(event: TimelineEvent) -> str:
    form = f"the form {element_name(event)}" if event.element_label else "the form"
    if event.subtype == "invalid":
        return f"Tried to send {form} – the browser refused it: something is missing or wrong in a field"
    if event.status is None:
        return f"Sent {form}"
    if event.status == 0:
        return f"Sent {form} – the server could not be reached"
    if event.status >= 500:
        return f"Sent {form} – the server failed (code {event.status})"
    if event.status >= 400:
        return f"Sent {form} – the server refused it (code {event.status})"
    return f"Sent {form} – it was accepted"


def _field(event: TimelineEvent) -> str:
    facts = _facts(event)
    edits, clears = facts.get("edits", 0), facts.get("clears", 0)
    took = f" for {duration(event.duration_ms)}" if event.duration_ms else ""
    if not edits and not clears:
        return f"Looked at the field {element_name(event)}{took}"
    emptied = f", emptied it {_times(clears)}" if clears else ""
    return f"Filled in {element_name(event)}{took}{emptied}"


def _error(event: TimelineEvent) -> str:
    return f"The page had an error: {event.message or 'no message'}"


def _request(event: TimelineEvent) -> str:
    what = f"{event.subtype} {event.message}".strip()
    if not event.status:
        return f"The page could not reach the server ({what})"
    if event.status < 400:
        return f"The page asked the server, which answered after {duration(event.duration_ms)} ({what})"
    whose = "the server failed" if event.status >= 500 else "the server refused"
    return f"The page asked the server and {whose} after {duration(event.duration_ms)} ({what}, code {event.status})"


def _leave(event: TimelineEvent) -> str:
    if event.subtype == "reload":
        return f"The page reloaded itself, after {duration(event.duration_ms or event.t)}"
    return f"Left the page or switched away, after {duration(event.duration_ms or event.t)}"


def _return(event: TimelineEvent) -> str:
    return f"Came back to the page after {duration(event.duration_ms)} elsewhere"


def _scroll(event: TimelineEvent) -> str:
    return f"Scrolled {abs(_facts(event).get('dist', 0)):,} px, then turned back"


def _pointer(event: TimelineEvent) -> str:
    turns = _times(_facts(event).get("turns", 0))
    return f"Moved the pointer to and fro over {element_name(event)}: it turned {turns} within 2 s"


def _zoom(event: TimelineEvent) -> str:
    return f"Zoomed to {_facts(event).get('scale', 100)} %"


def _copy(event: TimelineEvent) -> str:
    return f"Copied text out of a message ({element_name(event)})"


def _interaction(event: TimelineEvent) -> str:
    what = "A key pressed in" if event.subtype == "key" else "A press on"
    return f"{what} {element_name(event)} showed only after {duration(event.duration_ms)}"


def _track(event: TimelineEvent) -> str:
    return f"The app reported “{event.subtype}”"


_SENTENCES: dict[str, Callable[[TimelineEvent], str]] = {
    "page": _page,
    "click": _click,
    "submit": _submit,
    "field": _field,
    "error": _error,
    "request": _request,
    "leave": _leave,
    "return": _return,
    "scroll": _scroll,
    "pointer": _pointer,
    "zoom": _zoom,
    "copy": _copy,
    "interaction": _interaction,
    "track": _track,
}


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _facts(event: TimelineEvent) -> dict[str, int]:
    """The whole numbers among the remaining fields. They are stored as the browser sent them: anything may be there."""
    try:
        decoded = json.loads(event.facts or "{}")
    except ValueError:
        return {}
    if not isinstance(decoded, dict):
        return {}
    return {key: value for key, value in decoded.items() if isinstance(value, int)}
