"""DORA's first report: counted from awareness until the incident is classified, and then from there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from store.database import Store
from tests.harness.law_walks import begin_law_walk, ours
from tests.harness.walks import stamp
from tests.integration.test_law_decisions import EU, learn

FIRST, ASKED = "EU-DORA-initial", "answer-the-law"
HOUR = timedelta(hours=1)


def test_a_bank_sees_the_outer_limit_is_asked_for_the_classification_and_then_has_four_hours(
    sqlite_store: Store, tmp_path: Path
) -> None:
    bank = ours("EU", status=("credit_institution",))
    walk = begin_law_walk(sqlite_store, tmp_path, bank, concerned=("ours",))
    walk.triage(clients=["ours"], our_role="controller", **EU)
    learn(walk, major_incident="yes")
    aware = walk.duty(FIRST).anchor_at
    assert aware is not None
    assert (walk.duty(FIRST).state, walk.duty(FIRST).due_at) == ("owed", aware + 24 * HOUR)
    assert walk.fields(ASKED) == {"classified_at"}
    assert not walk.answer(ASKED, classified_at=stamp(aware))
    assert walk.duty(FIRST).due_at == aware + 4 * HOUR
    assert not walk.is_asked(ASKED)
