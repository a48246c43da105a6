"""A running incident moved to another playbook: what stays, what goes, what is asked anew, who may."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlmodel import col, select

from flows.asserting import assert_facts
from flows.clock import wall_now
from flows.deciding import deciding
from flows.delivery import recipients
from flows.exercise.stepping import begin_exercise
from flows.gathering import open_questions, plan_of, step_of, steps_of
from flows.incidents import find_incident
from flows.opening import Opening, open_incident
from flows.plan_proof import plan_fault
from flows.replanning import difference, replan
from flows.vouching import Vouched, Voucher, check_vouchers
from playbooks.errors import NotFound, Refused
from playbooks.plan_diff import marking_changes
from store.database import Store
from store.tables import Exclusion, Message, Responder, StepRow, TimelineEntry
from store.timeline import verify
from tests.harness.desks import house_on
from tests.harness.sweeps import CAST_OF_TWO, GRAVE
from tests.harness.walks import CAST, START, Walk, begin_walk

FIRST = """\
id: small
version: "1"
title: A small playbook
neutral_title: Check
kind: small
phases:
  - id: detect
    steps:
      - {id: look, title: Look, kind: manual, role: it, target: 1h, instructions: Look closely.}
  - id: triage
    steps:
      - {id: sort, title: Sort, kind: manual, role: commander, target: 1h, instructions: Sort.}
      - {id: count, title: Count, kind: manual, role: it, target: 1h, instructions: Count.,
         fields: [{id: how_many, type: integer, label: How many?, required: true}]}
      - {id: drop, title: Drop, kind: manual, role: it, target: 1h, instructions: Drop.}
  - id: contain
    steps:
      - {id: shut, title: Shut, kind: manual, role: it, target: 1h, instructions: Shut.}
"""
BOTH = ("commander-1", "approver-1")
SECOND = (
    FIRST.replace('version: "1"', 'version: "2"')
    .replace("      - {id: drop, title: Drop, kind: manual, role: it, target: 1h, instructions: Drop.}\n", "")
    .replace("instructions: Sort.}", "instructions: Sort them well.}")
    .replace("how_many, type: integer", "how_many, type: range")
    + "      - {id: bar, title: Bar, kind: manual, role: it, target: 1h, instructions: Bar.}\n"
)


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    """An incident that follows the first version; `look` is done, three steps of triage stand open."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "small.yaml").write_text(FIRST, "utf-8")
    wall = wall_now()
    secrets = {handle: pyotp.random_base32() for handle in CAST}
    with sqlite_store.writing() as session:
        exercise = begin_exercise(session, "move", START, wall)
        for handle, roles in CAST.items():
            secret = secrets[handle]
            session.add(
                Responder(handle=handle, name="", roles=roles, secret=secret, code_period=1, enrolled_at=wall)
            )
        exercise_id = exercise.id or 0
    house = house_on(sqlite_store, tmp_path, SEVENTYTWO_PLAYBOOKS=str(folder))
    with sqlite_store.writing() as session:
        opening = Opening("alert", "small", "t", exercise_id=exercise_id)
        ref = open_incident(session, house, opening, wall_now()).ref
    walk = Walk(house, exercise_id, ref, secrets)
    walk.settle(walk.question("look"))
    (folder / "small-2.yaml").write_text(SECOND, "utf-8")
    walk.house = house_on(sqlite_store, tmp_path, SEVENTYTWO_PLAYBOOKS=str(folder))
    return walk


def vouched(walk: Walk, *handles: str) -> tuple[Vouched, ...]:
    """The word of these, each with a fresh code."""
    walk.given += 1
    at = wall_now() + timedelta(seconds=100 * walk.given)
    codes = [Voucher(handle, pyotp.HOTP(walk.secrets[handle]).at(int(at.timestamp()))) for handle in handles]
    return check_vouchers(walk.house.store, codes, at)


def move(walk: Walk, *handles: str, to: str = "") -> None:
    old, new, _ = difference(walk.house, walk.ref, to)
    replan(walk.house, walk.ref, old, new, vouched(walk, *(handles or ("commander-1", "approver-1"))), "t")


def rows(walk: Walk) -> dict[str, StepRow]:
    with walk.house.store.reading() as session:
        found = steps_of(session, find_incident(session, walk.ref).id or 0)
    return {row.step_id: row for row in sorted(found, key=lambda row: row.round)}


def asked(walk: Walk) -> set[str]:
    with walk.house.store.reading() as session:
        return {one.title for one in open_questions(session, find_incident(session, walk.ref).id or 0)}


def history(walk: Walk, kind: str) -> list[Any]:
    with walk.house.store.reading() as session:
        found = session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind))
        return [entry.payload for entry in found]


def test_the_difference_is_shown_step_by_step(walk: Walk) -> None:
    old, new, changes = difference(walk.house, walk.ref, "")
    assert (old.ref, new.ref) == ("small@1", "small@2")
    assert [(one.step_id, one.kind, one.keys) for one in changes] == [
        ("sort", "changed", ("instructions",)),
        ("count", "changed", ("fields",)),
        ("drop", "removed", ()),
        ("bar", "added", ()),
    ]


def test_a_running_incident_keeps_its_plan_until_it_is_moved(walk: Walk) -> None:
    assert asked(walk) == {"Lead the incident", "Sort", "Count", "Drop"}
    with walk.house.store.reading() as session:
        assert plan_of(find_incident(session, walk.ref)).ref == "small@1"


def test_what_is_gone_is_withdrawn_what_asks_otherwise_is_asked_anew_and_the_rest_stays(walk: Walk) -> None:
    sort, count = walk.question("sort").ref, walk.question("count").ref
    move(walk)
    found = rows(walk)
    assert {name: row.state for name, row in found.items()} == {
        "look": "done", "sort": "open", "count": "open", "drop": "withdrawn",
    }  # fmt: skip
    assert walk.question("sort").ref == sort, "its form asks what it asked"
    assert walk.question("count").ref != count
    assert asked(walk) == {"Lead the incident", "Sort", "Count"}
    walk.to_the_end()
    assert {"shut", "bar"} <= rows(walk).keys()
    with walk.house.store.reading() as session:
        assert find_incident(session, walk.ref).state == "closed"
        verify(session, walk.ref)
    (told,) = history(walk, "replanned")
    assert (told["from"], told["to"], told["with"]) == ("small@1", "small@2", "approver-1")


def test_a_plan_that_was_edited_beside_the_timeline_shows(walk: Walk) -> None:
    move(walk)
    with walk.house.store.writing() as session:
        assert plan_fault(session, walk.ref) == ""
        incident = find_incident(session, walk.ref)
        incident.plan = incident.plan.replace("Sort them well", "Sort nothing")
        session.add(incident)
    with walk.house.store.reading() as session:
        assert "its plan is not the one that entry" in plan_fault(session, walk.ref)


def test_and_back_again(walk: Walk) -> None:
    move(walk)
    move(walk, to="small@1")
    assert asked(walk) == {"Lead the incident", "Sort", "Count", "Drop"}
    walk.to_the_end()
    assert "bar" not in rows(walk)


def test_an_incident_moves_to_another_playbook_altogether(walk: Walk) -> None:
    move(walk, to="data-exfiltration")
    assert "Confirm or explain the alert" in asked(walk)
    assert rows(walk)["look"].state == "done"


@pytest.mark.parametrize(
    ("handles", "why"),
    [
        (("approver-1", "commander-1"), "only a commander moves an incident"),
        (("commander-1", "it-1"), "the second is a commander or an approver"),
        (("commander-1", "commander-1"), "two different people are needed"),
    ],
)
def test_it_takes_a_commander_and_a_second_person(walk: Walk, handles: tuple[str, ...], why: str) -> None:
    with pytest.raises(Refused, match=why):
        move(walk, *handles)
    assert asked(walk) == {"Lead the incident", "Sort", "Count", "Drop"}


def test_whoever_is_kept_out_finds_no_such_incident(walk: Walk) -> None:
    with walk.house.store.writing() as session:
        incident = find_incident(session, walk.ref)
        session.add(
            Exclusion(incident_id=incident.id or 0, handle="approver-1", by="commander-1", at=wall_now())
        )
    with pytest.raises(NotFound, match="no such incident"):
        move(walk)


def test_a_difference_that_is_out_of_date_moves_nothing(walk: Walk) -> None:
    old, new, _ = difference(walk.house, walk.ref, "")
    move(walk)
    with pytest.raises(Refused, match="the plan was changed meanwhile"):
        replan(walk.house, walk.ref, old, new, vouched(walk, "commander-1", "approver-1"), "t")
    with pytest.raises(Refused, match="follows this plan already"):
        move(walk)


def messages(walk: Walk) -> str:
    with walk.house.store.reading() as session:
        rows = session.exec(select(Message).order_by(col(Message.sequence)))
        return "\n".join(str(message.fields) for message in rows)


def write(walk: Walk, file: str, text: str, **env: str) -> None:
    """Put a playbook beside the others, and let the house read them anew."""
    (folder,) = walk.house.settings.playbook_folders
    (folder / file).write_text(text, "utf-8")
    walk.house = house_on(walk.house.store, folder.parent, SEVENTYTWO_PLAYBOOKS=str(folder), **env)


def test_no_incident_moves_to_a_plan_that_may_open_none(walk: Walk) -> None:
    write(walk, "small-2.yaml", SECOND + "revoked: It misled us.\n")
    with pytest.raises(Refused, match="It misled us"):
        move(walk, to="small@2")
    write(walk, "small-2.yaml", SECOND, SEVENTYTWO_UNSIGNED_PLAYBOOKS="refuse")
    with pytest.raises(Refused, match="nobody whose signature counts"):
        move(walk)
    with walk.house.store.reading() as session:
        incident = find_incident(session, walk.ref)
        old = plan_of(incident)
    with pytest.raises(Refused, match="nobody whose signature counts"):
        replan(walk.house, walk.ref, old, walk.house.playbook("small@2"), vouched(walk, *BOTH), "t")


def test_what_speaks_against_the_new_plan_is_written_down(walk: Walk) -> None:
    write(walk, "small-2.yaml", SECOND, SEVENTYTWO_UNSIGNED_PLAYBOOKS="warn")
    move(walk)
    (said,) = history(walk, "playbook_doubted")
    assert said == {"playbook": "small@2", "why": "nobody whose signature counts has signed it"}


def test_a_move_into_a_small_circle_or_out_of_it_is_shown_written_down_and_named_to_nobody(
    walk: Walk,
) -> None:
    write(walk, "quiet.yaml", SECOND.replace("small", "quiet") + "restricted: true\ntlp: red\n")
    old, new, _ = difference(walk.house, walk.ref, "quiet")
    assert [(one.key, one.before, one.after) for one in marking_changes(old, new)] == [
        ("restricted", "false", "true"),
        ("tlp", "amber", "red"),
        ("kind", "small", "quiet"),
    ]
    with walk.house.store.writing() as session:
        second, walk.secrets["commander-2"] = "commander-2", pyotp.random_base32()
        session.add(
            Responder(
                handle=second, name="", roles=["commander"], secret=walk.secrets[second], code_period=1,
                enrolled_at=wall_now(),
            )
        )  # fmt: skip
    move(walk, "commander-1", second, to="quiet")
    move(walk, "commander-1", second, to="small@1")
    assert [one["circle"] for one in history(walk, "replanned")] == ["is kept small now", "is open now"]
    assert "now follows another plan" in messages(walk)
    assert "quiet" not in messages(walk)


def test_a_step_that_is_asked_of_others_leaves_no_question_behind(walk: Walk) -> None:
    text = SECOND.replace("title: Sort,", "title: Sort, per: case,")
    write(walk, "small-2.yaml", text)
    move(walk)
    assert (rows(walk)["sort"].state, "Sort" in asked(walk)) == ("withdrawn", False)
    walk.to_the_end()
    assert walk.state == "closed"


def test_no_question_is_told_that_the_new_plan_takes_back_at_once(walk: Walk) -> None:
    with deciding(walk.house, walk.ref) as decision:
        assert_facts(decision, {"personal_data": "no"}, author="it-1")
    before = len(messages(walk).splitlines())
    text = SECOND.replace("title: Count,", "title: Count, when: personal_data, if_unknown: open,")
    write(walk, "small-2.yaml", text)
    move(walk)
    assert rows(walk)["count"].state == "withdrawn"
    assert "Count" not in str(messages(walk).splitlines()[before:])


def test_a_step_taken_out_outlives_the_facts_that_it_asked_for(
    walk: Walk,
) -> None:
    move(walk)
    with walk.house.store.writing() as session:
        row = session.get_one(StepRow, rows(walk)["drop"].id)
        step = json.loads(row.added) | {"when": "gone_since == 1", "fields": [{"fact": "gone_since"}]}
        row.added = json.dumps(step)
        session.add(row)
        assert step_of(find_incident(session, walk.ref), row).title == "Drop"


def test_what_is_on_its_way_to_somebody_is_not_told_again_by_a_plan_that_tells_nobody(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "SINK", "portal")  # so that a receipt is waited for, as in earnest
    walk = begin_walk(sqlite_store, tmp_path, title="t", alert="a", cast=CAST_OF_TWO)
    walk.facts = GRAVE
    walk.to("tell-authority")
    walk.settle(walk.question("tell-authority"))
    walk.settle(walk.asked("release"))
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "small.yaml").write_text(FIRST, "utf-8")
    walk.house = house_on(sqlite_store, tmp_path, SEVENTYTWO_PLAYBOOKS=str(folder))
    on_its_way = rows(walk)["tell-authority"]
    move(walk, "commander-1", "approver-1", to="small")
    walk.settle(walk.question("look"))
    for step in ("sort", "count", "drop", "answer-the-law"):
        walk.settle(walk.question(step))
    assert walk.asked("proof").step_row_id == on_its_way.id
    assert not [
        row for name, row in rows(walk).items()
        if "authority" in name and row.id != on_its_way.id and row.case_ref == on_its_way.case_ref
    ]  # fmt: skip
