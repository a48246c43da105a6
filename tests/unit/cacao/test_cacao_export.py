"""A playbook of ours as a CACAO 2.0 document."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from playbooks.cacao.exporting import exported, written
from playbooks.cacao.ids import EXTENSION
from playbooks.library import load_playbooks, read_playbook
from playbooks.models import Playbook
from tests.harness.cacao import SHARED, schema_faults, structural_faults

LIBRARY = load_playbooks()
PLAN = """
schema_version: 1
id: sample
version: "2"
title: A sample
neutral_title: A sample
kind: sample
summary: When a sample is wanted.
tlp: amber
regimes: [gdpr]
valid_from: "2026-11-21"
valid_until: "2027-11-20"
sources:
  - {name: A framework, locator: part 2, link: "https://framework.example/2"}
phases:
  - id: detect
    steps:
      - id: look
        title: Look
        kind: manual
        role: it
        target: 30m
        instructions: Look at it.
        do_not: [Do not touch it.]
        evidence: [A picture]
        fields: [{fact: personal_data, required: true}]
      - id: gather
        title: Gather
        kind: automated
        role: it
        target: 30m
        action: collect_observables
        instructions: It is gathered.
  - id: contain
    steps:
      - id: stop
        title: Stop it
        kind: manual
        role: it
        target: 1h
        when: personal_data
        instructions: Stop it.
        approvals: [approver]
        tlp: red
      - id: watch
        title: Watch it
        kind: manual
        role: it
        target: 1h
        repeat: {until: contained, at_most: 5}
        instructions: Watch it.
  - id: notify
    steps:
      - id: tell
        title: Tell them
        kind: notice
        role: client_lead
        target: 4h
        per: case
        recipient: client_controller
        template: notice-client
        instructions: Tell them.
"""


@pytest.fixture(scope="module")
def plan() -> Playbook:
    return read_playbook(PLAN, "sample.yaml")


@pytest.fixture
def sample(plan: Playbook) -> dict[str, Any]:
    return exported(plan)


def steps_of(document: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {s.get("name", ""): s for s in document["workflow"].values() if s["type"] == kind}


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_every_shipped_playbook_hangs_together_as_a_document(name: str) -> None:
    assert structural_faults(exported(LIBRARY[name])) == ()


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="no published schemas: SEVENTYTWO_SHARED is unset")
def test_every_shipped_playbook_is_valid_under_the_published_schemas(plan: Playbook) -> None:
    for one in (plan, *LIBRARY.values()):
        assert schema_faults(exported(one)) == (), one.id


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="no published schemas: SEVENTYTWO_SHARED is unset")
def test_the_published_schemas_refuse_what_is_wrong(sample: dict[str, Any]) -> None:
    sample["data_marking_definitions"][sample["markings"][0]]["tlpv2_level"] = "TLP:PURPLE"
    sample["workflow_start"] = "the first one"
    assert len(schema_faults(sample)) == 2


def test_a_repeat_gives_the_same_bytes(plan: Playbook) -> None:
    assert written(exported(plan)) == written(exported(Playbook.from_pinned(plan.pinned())))


def test_another_version_has_other_identifiers(plan: Playbook) -> None:
    later = exported(plan.model_copy(update={"version": "3"}))
    assert not set(exported(plan)["workflow"]) & set(later["workflow"])
    assert exported(plan)["id"] != later["id"]


def test_every_command_is_words_for_a_person(sample: dict[str, Any]) -> None:
    commands = [c for step in sample["workflow"].values() for c in step.get("commands", ())]
    assert {command["type"] for command in commands} == {"manual"}
    assert len(commands) == 5
    assert os.environ.get("HOME", "/none/") not in json.dumps(sample)


def test_a_manual_step_says_what_not_to_do_and_what_to_record(sample: dict[str, Any]) -> None:
    look = steps_of(sample, "action")["Look"]
    assert look["description"] == "Look at it."
    assert "Do not:\n- Do not touch it." in look["commands"][0]["command"]
    assert "Record as evidence:\n- A picture" in look["commands"][0]["command"]
    assert look["out_args"] == ["__personal_data__"]
    assert sample["agent_definitions"][look["agent"]]["type"] == "group"


def test_an_automated_step_names_its_action_in_our_extension_only(sample: dict[str, Any]) -> None:
    gather = steps_of(sample, "action")["Gather"]
    assert "by itself" in gather["commands"][0]["command"]
    assert "collect_observables" not in json.dumps(gather["commands"])
    assert gather["step_extensions"][EXTENSION]["step"]["action"] == "collect_observables"
    assert sample["agent_definitions"][gather["agent"]]["category"] == ["orchestrator"]


def test_a_notice_names_whom_it_goes_to(sample: dict[str, Any]) -> None:
    (target,) = steps_of(sample, "action")["Tell them"]["targets"]
    assert sample["target_definitions"][target]["name"] == "The affected client"


def test_a_condition_reads_typed_variables(sample: dict[str, Any]) -> None:
    (condition,) = steps_of(sample, "if-condition").values()
    assert condition["condition"] == "__personal_data__:value = true"
    assert sample["playbook_variables"]["__personal_data__"]["type"] == "bool"
    assert sample["workflow"][condition["on_true"]]["name"] == "Stop it"


def test_what_repeats_is_a_loop_while_its_end_is_not_reached(sample: dict[str, Any]) -> None:
    (loop,) = steps_of(sample, "while-condition").values()
    assert loop["condition"] == "__contained__:value = false"
    assert sample["workflow"][loop["on_true"]]["name"] == "Watch it"


def test_what_runs_side_by_side_is_parallel(sample: dict[str, Any]) -> None:
    first = sample["workflow"][sample["workflow"][sample["workflow_start"]]["on_completion"]]
    assert first["type"] == "parallel"
    assert {sample["workflow"][one]["name"] for one in first["next_steps"]} == {"Look", "Gather"}


def test_marking_validity_and_sources_stand_where_cacao_has_them(sample: dict[str, Any]) -> None:
    (marking,) = sample["markings"]
    assert sample["data_marking_definitions"][marking]["tlpv2_level"] == "TLP:AMBER"
    assert sample["valid_from"] == sample["created"] == sample["modified"] == "2026-11-21T00:00:00Z"
    assert sample["valid_until"] == "2027-11-20T23:59:59Z"
    assert sample["revoked"] is False
    reference = {"name": "A framework", "description": "part 2", "url": "https://framework.example/2"}
    assert sample["external_references"] == [reference]
    assert sample["labels"] == ["sample", "gdpr"]
    assert "signatures" not in sample


def test_a_revoked_playbook_says_so(plan: Playbook) -> None:
    assert exported(plan.model_copy(update={"revoked": "Superseded"}))["revoked"] is True


def test_a_fault_in_the_structure_is_seen(sample: dict[str, Any]) -> None:
    end = next(name for name, step in sample["workflow"].items() if step["type"] == "end")
    del sample["workflow"][end]
    assert any("names end--" in fault for fault in structural_faults(sample))
