"""What scripted responders answer: by step, by kind, by what is so in the story, and by their team."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playbooks.errors import NotFound
from playbooks.exercises.part import Asking, Part
from playbooks.exercises.scenario import Answer
from playbooks.exercises.teams import shipped_teams
from playbooks.models import Field

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = START + timedelta(hours=3)
DECISIONS = ("done", "not_applicable")


def part(team: str = "good", truth: dict[str, Any] | None = None, **answers: Answer) -> Part:
    said = {name.replace("_", "-"): answer for name, answer in answers.items()}
    shared = shipped_teams()
    return Part(said, truth or {}, shared.named(team), shared, START)


def step(*fields: Field, **more: Any) -> Asking:
    return Asking("triage", "step", decisions=DECISIONS, fields=fields, **more)


def fact(name: str, *, required: bool = True) -> Field:
    return Field(fact=name, required=required)


def text(name: str, *, required: bool = True) -> Field:
    return Field(id=name, type="text", label=name, required=required)


def test_a_step_is_answered_by_its_own_answer_before_that_of_its_kind() -> None:
    own = Answer(after=timedelta(minutes=5), decision="not_applicable")
    mine = part(triage=own, step=Answer(decision="done"))
    assert mine.said(step(), NOW).decision == "not_applicable"
    assert mine.takes(step()) == timedelta(minutes=5)
    assert mine.said(Asking("other", "step", decisions=DECISIONS), NOW).decision == "done"


def test_a_release_of_a_step_is_not_answered_by_the_step_s_own_words() -> None:
    mine = part(tell_client=Answer(decision="draft"))
    assert mine.said(Asking("", "release", decisions=("approve", "refuse")), NOW).decision == "approve"


def test_what_is_so_in_the_story_fills_whatever_asks_for_it() -> None:
    mine = part(truth={"personal_data": True, "people_affected": "40-60", "data_categories": ["contact"]})
    said = mine.said(step(fact("personal_data"), fact("people_affected"), fact("data_categories")), NOW)
    assert said.fields == {
        "personal_data": "yes",
        "people_affected": "40-60",
        "data_categories": ["contact"],
    }


def test_an_answer_s_own_field_goes_before_what_is_so() -> None:
    mine = part(
        truth={"personal_data": True}, triage=Answer(decision="done", fields={"personal_data": False})
    )
    assert mine.said(step(fact("personal_data")), NOW).fields == {"personal_data": "no"}


def test_instants_count_from_the_answer_or_from_the_start() -> None:
    mine = part(truth={"aware_at": "{{ start + 30m }}", "contained_at": "{{ now - 1h }}"})
    assert mine.said(step(fact("aware_at"), fact("contained_at")), NOW).fields == {
        "aware_at": "2026-03-02T12:30:00Z",
        "contained_at": "2026-03-02T14:00:00Z",
    }


def test_what_is_agreed_to_be_mended_is_not_due_at_once() -> None:
    mine = part(triage=Answer(decision="done", fields={"action_title": "A folder for each campaign"}))
    due = Field(id="action_due", type="instant", label="By when?", required=True)
    said = mine.said(step(text("action_title"), text("action_owner"), due), NOW)
    assert said.fields["action_due"] == "2026-04-01T15:00:00Z"


def test_what_nobody_says_is_left_empty_unless_it_must_be_answered() -> None:
    said = part().said(
        step(text("why"), text("more", required=False), fact("encrypted", required=False)), NOW
    )
    assert set(said.fields) == {"why"}


def test_words_that_must_be_said_are_the_answer_s_reason_where_it_has_one() -> None:
    mine = part(triage=Answer(decision="done", reason="Rang back on the number on record."))
    assert mine.said(step(text("what_was_done")), NOW).fields == {
        "what_was_done": "Rang back on the number on record."
    }


def test_a_decision_that_the_form_does_not_have_falls_back_to_its_first() -> None:
    assert part(triage=Answer(decision="close")).said(step(), NOW).decision == "done"


def test_a_reason_is_given_where_one_is_asked_for() -> None:
    mine = part(triage=Answer(decision="not_applicable"))
    assert mine.said(step(), NOW).reason == ""
    assert mine.said(step(needs_reason=frozenset({"not_applicable"})), NOW).reason


def test_a_late_notice_gives_its_reasons_and_one_in_time_none() -> None:
    late = text("late_reasons", required=False)
    notice = Asking("tell-client", "draft", "client_controller", ("draft",), fields=(late,))
    assert part().said(notice, NOW).fields == {}
    overdue = Asking("tell-client", "draft", "client_controller", ("draft",), fields=(late,), is_late=True)
    said = part(draft=Answer(decision="draft", fields={"late_reasons": ""})).said(overdue, NOW)
    assert said.fields["late_reasons"]


def test_what_was_read_elsewhere_is_typed_whatever_the_scenario_says() -> None:
    form = Asking(
        "", "release", decisions=("approve",), fields=(text("text_hash"),), known={"text_hash": "ab"}
    )
    mine = part(release=Answer(decision="approve", fields={"text_hash": "zz"}))
    assert mine.said(form, NOW).fields == {"text_hash": "ab"}


def test_an_owner_named_by_role_is_whoever_plays_it() -> None:
    asks = step(text("action_owner"), people={"it": "ex-2026-0001-it", "commander": "ex-2026-0001-commander"})
    by_role = part(triage=Answer(decision="done", fields={"action_owner": "it"}))
    assert by_role.said(asks, NOW).fields == {"action_owner": "ex-2026-0001-it"}
    assert part().said(asks, NOW).fields == {"action_owner": "ex-2026-0001-commander"}
    by_handle = part(triage=Answer(decision="done", fields={"action_owner": "it-7"}))
    assert by_handle.said(asks, NOW).fields == {"action_owner": "it-7"}


def test_clients_are_those_of_the_incident_unless_the_scenario_says_others() -> None:
    asks = step(Field(id="clients", type="clients", label="Which?", required=True), clients=("client-7",))
    assert part().said(asks, NOW).fields == {"clients": ["client-7"]}


def test_a_client_of_the_scenario_is_named_by_the_client_that_plays_it() -> None:
    asks = step(Field(id="clients", type="clients", label="Which?", required=True))
    mine = replace(
        part(truth={"clients": ["sample-bank", "sample-shop"]}), played_by={"sample-bank": "client-7"}
    )
    assert mine.said(asks, NOW).fields == {"clients": ["client-7", "sample-shop"]}


def test_a_slow_team_decides_the_same_and_takes_longer() -> None:
    answer = Answer(after=timedelta(minutes=10), decision="not_applicable")
    slow, good = part("slow", triage=answer), part("good", triage=answer)
    assert slow.said(step(), NOW) == good.said(step(), NOW)
    assert slow.takes(step()) > 2 * good.takes(step())


def test_a_team_that_forgets_the_client_never_writes_to_it_and_writes_to_everybody_else() -> None:
    mine = part("forgets-the-client")
    assert mine.leaves(Asking("tell-client", "draft", "client_controller"))
    assert not mine.leaves(Asking("tell-authority", "draft", "supervisory_authority"))
    assert not mine.leaves(Asking("tell-client", "release", "client_controller"))
    assert not part("good").leaves(Asking("tell-client", "draft", "client_controller"))


def test_an_unknown_team_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="forgets-the-client"):
        part("lucky")


def test_every_kind_of_question_has_an_answer_that_all_teams_share() -> None:
    kinds = {"step", "candidate", "approval", "draft", "counsel", "release", "proof", "merge", "command"}
    assert shipped_teams().answers.keys() == kinds


def test_who_leads_a_later_incident_of_an_exercise_merges_it_soon_and_who_leads_the_first_closes() -> None:
    mine, decisions = part(), ("note", "merge", "close")
    first = Asking("", "command", decisions=decisions, needs_reason=frozenset({"merge"}))
    later = replace(first, older="INC-2026-0001", known={"about": "INC-2026-0001"}, fields=(text("about"),))
    assert mine.said(first, NOW).decision == "close"
    merged = mine.said(later, NOW)
    assert (merged.decision, merged.fields) == ("merge", {"about": "INC-2026-0001"})
    assert merged.reason
    assert mine.takes(later) < mine.takes(first)
