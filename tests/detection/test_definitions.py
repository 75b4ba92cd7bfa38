"""The definitions: their parameters, the page that is written from them, and the catalog."""

import re
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.detection.catalog import DEFINITIONS, RULES, UnknownSignalError, by_name
from apps.detection.definition import Definition, ParameterError, Value
from apps.detection.document import sentence
from apps.detection.interactions import first_copies
from apps.detection.parameters import expressions
from tests.detection import generated

# What else stands in a query with a $ before it.
NOT_PARAMETERS = {
    "name", "tick_events", "hit", "bursts", "moments", "clicks_in_order", "next_pages", "shows_somebody", "no_answer",
    "refused", "tag",
}  # fmt: skip

each_definition = pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.name)


def test_the_page_of_signals_is_up_to_date() -> None:
    call_command("generate_signal_docs", "--check")


def test_a_stale_page_of_signals_is_reported(settings: object, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "signals.md").write_text("old")
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="generate_signal_docs"):
        call_command("generate_signal_docs", "--check")


@each_definition
def test_every_parameter_is_used_by_the_sql(definition: Definition) -> None:
    folder = Path(settings.BASE_DIR) / "apps" / "detection" / definition.name
    used = set(re.findall(r"\$(\w+)", (folder / "query.sql").read_text())) - NOT_PARAMETERS
    assert used == {parameter.name for parameter in definition.parameters}


@each_definition
def test_every_sentence_tells_its_numbers(definition: Definition) -> None:
    assert "{" not in sentence(definition)
    assert definition.name.replace("_", " ").capitalize() == definition.title


def test_names_are_unique() -> None:
    assert len({rule.definition.name for rule in RULES}) == len(RULES)


def test_an_unknown_signal_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownSignalError, match=r"no signal “rage”\. There are: .*dead_click"):
        by_name("rage")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ({"clicks": 3}, "has no parameter “clicks”"),
        ({"min_clicks": 1}, "from 2 to"),
        ({"min_clicks": True}, "whole number"),
        ({"window_ms": 86_400_001}, "to 86400000"),
        ({"window_ms": ("mut",)}, "whole number"),
        ({"answer_kinds": 3}, "list of names"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_with_the_reason(override: dict[str, Value], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        by_name("rage_click").values(override)
    with pytest.raises(ParameterError, match="Project 7: "):
        expressions(by_name("rage_click"), {"rage_click": {7: override}})


def test_an_override_equal_to_the_default_costs_nothing() -> None:
    definition = by_name("rage_click")
    assert expressions(definition, {"rage_click": {7: {"min_clicks": 3}}}) == expressions(definition, {})


def test_every_signal_has_an_event_of_the_types_by_which_it_is_looked_for() -> None:
    random = Random(3)
    found = 0
    for number in range(600):
        session = first_copies(generated.session(random, project_id=1, session_id=f"session-{number}"))
        types = {(event.page_id, event.n): event.type for event in session}
        for rule in RULES:
            for signal in rule.reference(session, rule.definition.values()):
                found += 1
                assert {types[key] for key in signal.events}.intersection(rule.definition.event_types), signal.kind
    assert found > 600
