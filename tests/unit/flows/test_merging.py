"""Whether one incident may close into another, and which anchors and facts the other takes. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from flows.merging.judging import Side, differing_facts, earliest_anchors, new_facts, refuse_merge
from playbooks.errors import Refused
from playbooks.fact_types import UNKNOWN
from playbooks.facts import FactView

OLDER = Side("INC-2026-0001", 1, "open", None, is_restricted=False)
YOUNGER = Side("INC-2026-0002", 2, "open", None, is_restricted=False)
NINE, TEN, NOON = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 10, 12))
CASE = [("A", "B")]


def test_a_younger_incident_or_candidate_may_close_into_an_open_one() -> None:
    refuse_merge(YOUNGER, OLDER)
    refuse_merge(replace(YOUNGER, state="candidate"), OLDER)
    refuse_merge(replace(OLDER, state="candidate"), YOUNGER)
    refuse_merge(YOUNGER, replace(OLDER, is_restricted=True))
    refuse_merge(replace(YOUNGER, exercise_id=3), replace(OLDER, exercise_id=3))


@pytest.mark.parametrize(
    ("younger", "older", "told"),
    [
        (OLDER, OLDER, "into itself"),
        (OLDER, YOUNGER, "merge INC-2026-0002 into INC-2026-0001"),
        (replace(YOUNGER, state="merged", into="INC-2026-0001"), OLDER, "into INC-2026-0001 already"),
        (YOUNGER, replace(OLDER, state="merged", into="INC-2025-0009"), "name INC-2025-0009"),
        (replace(YOUNGER, state="closed"), OLDER, "ended already"),
        (YOUNGER, replace(OLDER, state="closed"), "ended"),
        (YOUNGER, replace(OLDER, state="candidate"), "accept it first"),
        (replace(YOUNGER, exercise_id=3), OLDER, "real"),
        (replace(YOUNGER, exercise_id=3), replace(OLDER, exercise_id=4), "real"),
        (replace(YOUNGER, is_restricted=True), OLDER, "restricted"),
        (replace(YOUNGER, notices_under_way=1), OLDER, "receipts"),
        (YOUNGER, replace(OLDER, is_begun=False), "try again"),
    ],
)
def test_what_may_not_be_merged_is_refused_with_what_to_do(younger: Side, older: Side, told: str) -> None:
    with pytest.raises(Refused, match=told):
        refuse_merge(younger, older)


def test_the_earliest_anchor_wins_for_the_incident() -> None:
    found = earliest_anchors(FactView({"aware_at": NINE}), FactView({"aware_at": TEN}), [])
    assert found == [(None, "aware_at", NINE)]
    assert earliest_anchors(FactView({"aware_at": NOON}), FactView({"aware_at": TEN}), []) == []


def test_a_case_never_starts_later_than_it_started_in_either() -> None:
    younger = FactView({"aware_at": NOON}, {"A": {"aware_at": NINE}})
    older = FactView({"aware_at": TEN}, {"B": {"aware_at": NOON}})
    assert earliest_anchors(younger, older, CASE) == [("B", "aware_at", NINE)]


def test_a_case_of_its_own_later_anchor_is_drawn_to_what_the_younger_knows_of_it() -> None:
    younger = FactView({"detected_at": TEN}, {"A": {}})
    older = FactView({"detected_at": NINE}, {"B": {"detected_at": NOON}})
    assert earliest_anchors(younger, older, CASE) == [("B", "detected_at", TEN)]


def test_an_anchor_that_only_one_knows_is_taken() -> None:
    assert earliest_anchors(FactView({"detected_at": TEN}), FactView(), []) == [(None, "detected_at", TEN)]


def test_what_the_older_does_not_know_is_new_and_what_it_knows_otherwise_differs() -> None:
    younger = FactView({"encrypted": True, "contained": True, "risk": "high", "lawful": UNKNOWN})
    older = FactView({"encrypted": UNKNOWN, "contained": False, "risk": "high"})
    pairs = [(None, None)]
    assert new_facts(younger, older, pairs) == [(None, "encrypted", True)]
    assert differing_facts(younger, older, pairs) == [(None, "contained")]


def test_places_and_categories_of_both_hold() -> None:
    younger, older = (FactView({"jurisdictions": frozenset(one)}) for one in (["UK"], ["EU"]))
    assert new_facts(younger, older, [(None, None)]) == [(None, "jurisdictions", frozenset({"EU", "UK"}))]
    assert differing_facts(younger, older, [(None, None)]) == []
