"""One incident under the laws of seventeen places, three clients and eight regimes, walked to its closing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from playbooks.vocabulary import STAGES
from store.database import Store
from tests.harness.law_walks import LawWalk, begin_law_walk, client, ours

PLACES = (
    *("EU", "UK", "CH", "BR", "MX", "CO", "US-CA", "US-NY", "CA-QC"),
    *("IN", "VN", "PH", "SG", "JP", "KR", "AU", "ZA"),
)
REGIMES = (
    *("nis2_entity", "financial_entity", "hipaa_covered_entity", "in_body_corporate"),
    *("card_data", "sec_registrant", "us_bank", "ph_personal_data"),
)


def walked(store: Store, folder: Path) -> LawWalk:
    """The walk after every question was answered, each yes-no fact with yes."""
    clinic = client("clinic", "processor", *PLACES, status=("hipaa_covered_entity",))
    walk = begin_law_walk(
        store, folder, ours(*PLACES, status=REGIMES), clinic, client("shop", "controller", *PLACES)
    )
    walk.words["triage"] = {
        "clients": ["clinic", "ours", "shop"],
        "jurisdictions": list(PLACES),
        "data_categories": ["health", "contact"],
    }
    walk.words["draft"] = {"late_reasons": "The walk takes its time."}
    walk.words["release"] = {"reason": "The walk takes its time."}
    walk.to_the_end()
    return walk


@pytest.mark.soak
def test_an_incident_under_many_laws_comes_to_its_end_with_every_duty_met(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = walked(sqlite_store, tmp_path)
    duties = walk.duties()
    met = [duty for duty in duties if duty.state == "met"]
    assert {duty.state for duty in duties} <= {"met", "not_owed"}
    assert len({duty.rule_id for duty in met}) > 30
    asked = Counter((entry.payload or {})["title"] for entry in walk.history("question_opened"))
    assert asked["Answer what the law still needs to know"] <= 3
    rounds = [step.round for step in walk.steps()]
    assert max(rounds) <= len(STAGES), "no step is asked for without end"
    for duty in met:
        assert duty.met_at is not None
        assert duty.anchor_at is None or duty.met_at >= duty.anchor_at
