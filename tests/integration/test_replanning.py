"""A running incident moved to another playbook: what stays, what goes, what is asked anew, who may."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.exercise.stepping import begin_exercise
from flows.gathering import open_questions, plan_of, steps_of
from flows.incidents import find_incident
from flows.opening import Opening, open_incident
from flows.replanning import difference, replan
from flows.vouching import Vouched, Voucher, check_vouchers
from playbooks.errors import NotFound, Refused
from store.database import Store
from store.tables import Exclusion, Responder, StepRow, TimelineEntry
from store.timeline import verify
from tests.harness.desks import house_on
from tests.harness.walks import CAST, START, Walk

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
    assert history(walk, "replanned") == [{"from": "small@1", "to": "small@2", "with": "approver-1"}]


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
