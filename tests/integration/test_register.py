"""The register from a real store: every breach with its reasons, and nothing of another client."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from flows.asserting import assert_facts
from flows.clock import wall_now
from flows.deciding import deciding
from flows.exercise.stepping import begin_exercise
from flows.opening import Opening, open_incident
from notify.register import HEADS
from playbooks.fact_types import Range
from store.database import Store
from tests.harness.wards import OURS, THEIRS, TITLE, Ward, open_ward

REASON = "waived by commander-1 and approver-1: =the data never left the house"


@pytest.fixture
def ward(sqlite_store: Store, tmp_path: Path) -> Ward:
    ward = open_ward(sqlite_store, tmp_path)
    eu = frozenset({"EU"})
    ward.states("A", our_role="processor", jurisdictions=eu, people_affected=Range(low=120, high=120))
    ward.states("B", our_role="controller", jurisdictions=eu, risk="likely")
    ward.duty("CONTRACT", "A", state="met", met_at=wall_now() - timedelta(minutes=5))
    rests_on = {"facts": {"encrypted": "yes", "risk": "unlikely"}, "by": ["commander-1", "approver-1"]}
    ward.duty("EU-GDPR-33-1", "B", state="waived", why=REASON, rests_on=rests_on)
    return ward


def lines(ward: Ward, *arguments: str) -> dict[str, dict[str, Any]]:
    """The lines of the register by case."""
    found = json.loads(ward.ok("register", "--json", *arguments))["lines"]
    return {line["case_ref"]: line for line in found}


def test_every_case_has_a_line_with_who_was_told_and_who_was_not_and_why(ward: Ward) -> None:
    told = lines(ward)
    assert told.keys() == {"A", "B"}
    assert (told["A"]["client"], told["A"]["people"], told["A"]["our_role"]) == (OURS, "120", "Processor")
    assert any("CONTRACT (Contract, cl. 9)" in one and "in time" in one for one in told["A"]["told"])
    authority = "data-protection authority (EU) under EU-GDPR-33-1"
    assert [one for one in told["B"]["not_told"] if REASON in one and one.startswith(authority)]
    (silent,) = (one for one in told["B"]["not_told"] if "EU-GDPR-33-1" in one)
    assert silent.endswith("resting on: encrypted yes, risk A risk is unlikely")
    assert [one for one in told["A"]["still_due"] if "EU-GDPR-33-2" in one]
    assert "risk to the people: " in told["B"]["effects"][0]
    assert any("the method's advice, not the decision" in one for one in told["B"]["effects"])
    assert TITLE in told["A"]["nature"]
    assert "is whole, its last hash " in told["A"]["proof"]


def test_for_one_client_it_names_no_other(ward: Ward) -> None:
    text = ward.ok("register", "--html", "--client", OURS)
    assert OURS in text
    for word in (THEIRS, "Sample Bank", TITLE, "/B"):
        assert word not in text
    assert lines(ward, "--client", OURS).keys() == {"A"}
    refused = ward.run("register", "--csv", "--client", "nobody")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "no such client" in refused.stderr


def test_csv_has_a_row_for_each_breach_and_starts_no_formula(ward: Ward) -> None:
    ward.duty("EU-GDPR-33-1", "B", why="=1+1")
    heads, *rows = csv.reader(io.StringIO(ward.ok("register", "--csv"), newline=""))
    assert heads == list(HEADS.values())
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_days_of_awareness_bound_it(ward: Ward) -> None:
    today = f"{wall_now() - timedelta(hours=1):%Y-%m-%d}"
    assert len(lines(ward, "--from", today, "--to", today)) == 2
    assert lines(ward, "--to", "2020-01-01") == {}
    assert lines(ward, "--from", "2999-01-01") == {}
    assert "not a date" in ward.run("register", "--csv", "--from", "yesterday").stderr


def test_what_is_no_breach_is_left_out_and_said(ward: Ward) -> None:
    with ward.house.store.writing() as session:
        opening = Opening("alert", "misdirected-message", "Nothing of anybody", clients=(OURS,))
        ref = open_incident(session, ward.house, opening, wall_now()).ref
        drill = open_ward_exercise(ward, session)
    with deciding(ward.house, ref) as decision:
        assert_facts(decision, {"personal_data": False}, author="commander-1")
    with deciding(ward.house, ward.ref) as decision:
        decision.incident.state = "false_positive"
    told = json.loads(ward.ok("register", "--json"))
    assert told["lines"] == []
    assert told["left_out"] == [
        f"{ward.ref}/A: a false positive, as two people decided",
        f"{ward.ref}/B: a false positive, as two people decided",
        f"{ref}/A: no personal data is affected, as the facts say",
    ]
    assert drill not in json.dumps(told)


def test_it_is_written_for_its_owner_alone_and_one_form_is_to_be_chosen(ward: Ward, tmp_path: Path) -> None:
    path = tmp_path / "register.html"
    assert ward.ok("register", "--html", "--out", str(path)).strip() == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ward.run("register").exit_code == 2
    assert ward.run("register", "--csv", "--html").exit_code == 2
    gone = ward.run("register", "--csv", "--out", str(tmp_path / "none" / "register.csv"))
    assert "the register cannot be written" in gone.stderr


def open_ward_exercise(ward: Ward, session: Session) -> str:
    """An exercise in the same house, which is no breach."""
    drill = begin_exercise(session, "drill", wall_now(), wall_now())
    opening = Opening("alert", "misdirected-message", "A drill", clients=(OURS,), exercise_id=drill.id)
    return open_incident(session, ward.house, opening, wall_now()).ref


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("candidate", "a candidate, of which nobody has decided yet"),
        ("dismissed", "no incident, as a commander decided"),
        ("merged", "merged into another incident, whose line stands for both"),
    ],
)
def test_what_is_no_breach_of_its_own_is_named_as_such(ward: Ward, state: str, why: str) -> None:
    with ward.house.store.deciding(ward.ref) as (session, incident):
        incident.state = state
        session.add(incident)
    told = json.loads(ward.ok("register", "--json"))
    assert told["lines"] == []
    assert told["left_out"] == [f"{ward.ref}/A: {why}", f"{ward.ref}/B: {why}"]
