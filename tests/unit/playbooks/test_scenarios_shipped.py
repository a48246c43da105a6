"""The shipped scenarios: without fault, about made-up people, and as docs/scenarios.md tells them."""

from __future__ import annotations

import re

import pytest

from flows.exercise.scenario_checks import scenario_clients, scenario_faults
from playbooks.exercises.library import SHIPPED_SCENARIOS, load_scenarios
from playbooks.exercises.scenario import ASKING, Alert, Answer, Expected, Inject, Measure, Objective, Scenario
from playbooks.library import load_playbooks
from tests.checks.scenarios_page import PAGE, current

LIBRARY = load_playbooks()
SCENARIOS = load_scenarios()
every_scenario = pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
ADDRESS = re.compile(r"@([\w.-]+)")
HOST = re.compile(r"https?://([\w.-]+)")
RESERVED = re.compile(r"(?:.*\.)?(?:example|example\.(?:com|org|net)|invalid|test)")
"""Names under which nobody can be reached (RFC 2606)."""
MADE_UP = re.compile(r"\b(?:Example|Sample)\b")


def test_the_page_is_in_date() -> None:
    assert PAGE.read_text("utf-8") == current(), "run `make scenarios`"


def test_every_key_is_explained() -> None:
    page = PAGE.read_text("utf-8")
    models = (Scenario, Alert, Inject, Expected, Objective, Measure, Answer)
    assert [name for model in models for name in model.model_fields if f"`{name}`" not in page] == []


def test_there_are_eight_at_least_for_different_playbooks() -> None:
    assert len({one.playbook for one in SCENARIOS.values()}) >= 8


@every_scenario
def test_a_scenario_is_without_fault(scenario: Scenario) -> None:
    assert scenario_faults(SCENARIOS.file(scenario.id), LIBRARY) == ()
    assert (SHIPPED_SCENARIOS / f"{scenario.id}.yaml").is_file()


@every_scenario
def test_a_scenario_can_hurt(scenario: Scenario) -> None:
    """Somebody presses, something becomes known, something comes only to those who are late."""
    kinds = {inject.kind for inject in scenario.injects}
    assert kinds & ASKING
    assert "new_fact" in kinds
    assert any(inject.unless_done for inject in scenario.injects)
    assert any(one.speaks_against for one in scenario.expected)


@every_scenario
def test_whoever_is_asked_has_an_answer_and_a_time(scenario: Scenario) -> None:
    asking = [inject for inject in scenario.injects if inject.kind in ASKING]
    assert [inject.id for inject in asking if inject.handled_within is None] == []
    assert [inject.id for inject in asking if inject.id not in scenario.answers] == []


@every_scenario
def test_nobody_outside_can_be_reached_or_is_named(scenario: Scenario) -> None:
    text = scenario.model_dump_json()
    found = [*ADDRESS.findall(text), *HOST.findall(text)]
    assert [host for host in found if not RESERVED.fullmatch(host)] == []
    assert all(MADE_UP.search(client.name) for client in scenario_clients(scenario).clients)


@every_scenario
def test_what_the_facilitator_knows_is_not_in_what_participants_read(scenario: Scenario) -> None:
    read = [scenario.story, scenario.title, *(f"{one.title} {one.text}" for one in scenario.injects)]
    notes = [scenario.facilitator, *(one.note for one in scenario.injects if one.note)]
    sentences = [part.strip() for note in notes for part in re.split(r"(?<=[.?!])\s", note) if len(part) > 30]
    assert [sentence for sentence in sentences if any(sentence in words for words in read)] == []
