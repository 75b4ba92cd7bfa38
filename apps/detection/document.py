"""docs/signals.md, written from the definitions, so that every number is public and none is stale. Pure."""

from collections.abc import Sequence

from apps.detection.definition import Definition, Parameter

_HEAD = """\
# Signals

<!-- Written by `manage.py generate_signal_docs` from apps/detection/*/definition.py. Do not edit. -->

A signal is one moment of frustration, found in a session's events by a fixed rule. The rules use no sampling, no model
and no clock: the same events give the same signals, in whatever order, batching or repetition they arrived. Every
number below is the default of a named parameter, which a project may set for itself; “See what this change would do”
in its form, or `manage.py backtest --project 1 --signal rage_click --set min_clicks=4`, finds the signals and incidents
of the past anew before anything is saved.

Where a rule speaks of a click that is **answered**, [wire.md](wire.md) (“after”) says what the SDK reports as an
answer. Time within a page view is measured by the page's own monotonic clock; a limit of 500 ms includes 500 ms. A
signal that later events contradict is retracted, not deleted.

A signal's id is a hash of its project, session, kind and first event: a burst that grows, or is found again, stays one
signal.

| signal | | weight |
|---|---|---|
"""

_SCORE = """
A session's frustration score is the sum of the weights of its signals. The weights are fixed, never learned.
"""


def signals_page(definitions: Sequence[Definition]) -> str:
    """The page, as Markdown that ends in a newline."""
    rows = [
        f"| [{definition.title}](#{definition.name}) | `{definition.name}` | {definition.weight} |"
        for definition in definitions
    ]
    return _HEAD + "\n".join(rows) + "\n" + _SCORE + "".join(_section(definition) for definition in definitions)


def sentence(definition: Definition) -> str:
    """The definition's sentence with the defaults in the places of the parameters' names."""
    return definition.sentence.format(**_shown_defaults(definition))


def _section(definition: Definition) -> str:
    defaults = _shown_defaults(definition)
    details = "\n".join(f"* {detail.format(**defaults)}" for detail in definition.details)
    parameters = "\n".join(_row(parameter) for parameter in definition.parameters)
    return (
        f"\n## {definition.name}\n\n"
        f"**{definition.title}**, version {definition.version}. {sentence(definition)}\n\n"
        f"{details}\n\n"
        f"| parameter | unit | default | reason |\n|---|---|---|---|\n{parameters}\n"
    )


def _row(parameter: Parameter) -> str:
    return f"| `{parameter.name}` | {parameter.unit} | {_shown(parameter)} | {parameter.reason} |"


def _shown_defaults(definition: Definition) -> dict[str, str]:
    return {parameter.name: _shown(parameter) for parameter in definition.parameters}


def _shown(parameter: Parameter) -> str:
    if isinstance(parameter.default, tuple):
        return ", ".join(parameter.default)
    return f"{parameter.default:,}" if parameter.default >= 10_000 else str(parameter.default)
