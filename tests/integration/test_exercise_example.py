"""The scenario of docs/examples is played to its end as it says: who copies it begins with one that works."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.clock import wall_now
from flows.exercise.alone import begin_alone, own_house
from flows.exercise.recording import find_exercise, record_of
from flows.exercise.scenario_checks import ready_scenario
from playbooks.exercises.record import Record
from playbooks.exercises.scenario import Scenario
from playbooks.facts import parse_fact

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "scenario.yaml"


def play(file: Path) -> tuple[Scenario, Record]:
    """A scenario played by a good team, and what it left behind."""
    with own_house({}) as house:
        scenario = ready_scenario(str(file), house.playbooks)
        rehearsal = begin_alone(house, scenario)
        rehearsal.player.play()
        with house.store.reading() as session:
            return scenario, record_of(session, find_exercise(session, rehearsal.name), wall_now())


@pytest.fixture(scope="module")
def played() -> tuple[Scenario, Record]:
    return play(EXAMPLE)


def test_the_client_is_told_in_time(played: tuple[Scenario, Record]) -> None:
    _, record = played
    assert [one.recipient for one in record.told] == ["client_controller"]
    assert all(duty.met_at and duty.due_at and duty.met_at <= duty.due_at for duty in record.duties)


def test_an_inject_is_answered_in_the_words_and_at_the_time_of_the_scenario(
    played: tuple[Scenario, Record],
) -> None:
    scenario, record = played
    (asked,) = (one for one in record.happened if one.key == "recipient-asks")
    answer = scenario.answers["recipient-asks"]
    assert asked.delivered_at == scenario.begins_at + scenario.inject("recipient-asks").at
    assert asked.handled_at == asked.delivered_at + answer.after
    assert answer.fields["result"] in asked.said


def test_what_comes_only_to_those_who_are_late_does_not_come_to_a_good_team(
    played: tuple[Scenario, Record],
) -> None:
    scenario, record = played
    (late,) = (one for one in record.happened if one.key == "sheet-was-forwarded")
    assert late.state == "dropped"
    assert late.due_at == scenario.begins_at + timedelta(hours=2)


def test_a_conditional_alert_does_not_come_either(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8").replace("kind: new_fact", "kind: alert")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("    facts: {exfiltrated: true, people_affected: 140-160}\n", ""))
    _, record = play(own)
    (late,) = (one for one in record.happened if one.key == "sheet-was-forwarded")
    assert (late.kind, late.state) == ("alert", "dropped")


def test_a_new_fact_states_an_instant_of_the_story(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8").replace("    unless_done: ask-recipient ", "    #")
    own = tmp_path / "own.yaml"
    own.write_text(
        text.replace("{exfiltrated: true,", '{occurred_at: "{{ start - 20m }}", exfiltrated: true,')
    )
    scenario, record = play(own)
    assert parse_fact("occurred_at", record.facts["occurred_at"]) == scenario.begins_at - timedelta(
        minutes=20
    )
