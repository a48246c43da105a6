"""The form in which a person judges the risk says what the methods would say, and so does its approval's."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.describing import describe
from flows.incidents import find_incident
from store.database import Store
from store.tables import Question
from tests.harness.walks import THEIRS, Walk, begin_walk

SAID = "**The method would say**"
TRIAGE = {
    "data_categories": ["contact", "health"],
    "personal_data": "yes",
}


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> Walk:
    return begin_walk(sqlite_store, tmp_path, title="t", alert="a")


def form_of(walk: Walk, question: Question) -> str:
    with walk.house.store.reading() as session:
        found = session.get_one(Question, question.id)
        return describe(walk.house, session, find_incident(session, walk.ref), found)


def test_the_form_of_the_risk_and_its_approval_say_what_the_method_would_say(walk: Walk) -> None:
    walk.words["triage"] = {"clients": [THEIRS], "jurisdictions": ["EU"], **TRIAGE}
    for step in ("confirm-alert", "preserve-logs", "triage"):
        asked = walk.question(step)
        assert SAID not in form_of(walk, asked)
        walk.settle(asked)
    risk = walk.question("assess-risk")
    text = form_of(walk, risk)
    assert f"- {SAID}" in text
    assert "kind of data (DPC) 4, sensitive data" in text
    walk.settle(risk)
    approval = next(question for question in walk._open() if question.kind == "approval")
    assert SAID in form_of(walk, approval)
