"""What holds for every severity: bounds, monotony, and advice that more knowledge only narrows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from playbooks.facts import DICTIONARY, FactValue, Range
from playbooks.severity.advising import advise
from playbooks.severity.enisa import (
    AVAILABILITY,
    CONFIDENTIALITY,
    EASE,
    INTEGRITY,
    INTENT,
    EnisaGiven,
    EnisaParts,
    severity,
)
from playbooks.severity.proposing import implied

LEVELS: Mapping[str, list[float]] = {
    "dpc": [1, 2, 3, 4],
    "ei": sorted(EASE.values()),
    "confidentiality": sorted(CONFIDENTIALITY.values()),
    "integrity": sorted(INTEGRITY.values()),
    "availability": sorted(AVAILABILITY.values()),
    "malicious": sorted(INTENT.values()),
}
PARTS = st.fixed_dictionaries({name: st.sampled_from(levels) for name, levels in LEVELS.items()})
CATEGORIES = [*DICTIONARY["data_categories"].values, "unknown"]
YES_NO = [
    "personal_data",
    "encrypted",
    "exfiltrated",
    "acquired",
    "recipient_trusted",
    "data_returned",
    "availability_lost",
    "integrity_lost",
    "restorable",
    "outage_harm",
    "identity_fraud",
    "malicious",
    "wrongful_purpose",
    "ransomware",
]
FACTS = st.fixed_dictionaries(
    {
        **dict.fromkeys(YES_NO, st.booleans()),
        "data_categories": st.frozensets(st.sampled_from(CATEGORIES), min_size=1),
        "people_affected": st.integers(0, 300).map(lambda count: Range(low=count, high=count)),
        "source_kind": st.sampled_from(["insider", "external", "mistake", "supplier", "unknown_source"]),
    }
)


@given(PARTS)
def test_a_score_lies_from_a_quarter_to_six_in_quarters(parts: dict[str, Any]) -> None:
    score = severity(EnisaParts(**parts))
    assert 0.25 <= score <= 6
    assert (score * 4).is_integer()


@pytest.mark.parametrize("name", LEVELS)
@given(parts=PARTS)
def test_a_worse_part_never_lowers_the_score(name: str, parts: dict[str, Any]) -> None:
    scores = [severity(EnisaParts(**{**parts, name: level})) for level in LEVELS[name]]
    assert scores == sorted(scores)


@given(FACTS, st.sets(st.sampled_from([*YES_NO, "data_categories", "people_affected", "source_kind"])))
def test_what_is_learned_later_stays_within_what_was_said_before(
    facts: dict[str, FactValue], hidden: set[str]
) -> None:
    known = {name: value for name, value in facts.items() if name not in hidden}
    assume(all(facts[name] == value for name, value in implied(known).items()))
    before, after = advise(known), advise(facts)
    assert before.sa != "no" or after.sa == "no"
    assert before.ds != "no" or after.ds == "no"
    assert before.score <= after.score_at_most
    assert after.score <= before.score_at_most
    assert before.score <= before.score_at_most


@pytest.mark.parametrize("more", CATEGORIES)
@given(
    facts=FACTS,
    hidden=st.sets(st.sampled_from([*YES_NO, "people_affected", "source_kind"])),
    given_ei=st.sampled_from([None, *EASE.values()]),
)
def test_another_category_never_lowers_the_score_nor_turns_an_open_question_into_a_no(
    more: str, facts: dict[str, FactValue], hidden: set[str], given_ei: float | None
) -> None:
    known = {name: value for name, value in facts.items() if name not in hidden}
    stated = known["data_categories"]
    assert isinstance(stated, frozenset)
    judged = EnisaGiven(ei=given_ei)
    before, after = advise(known, judged), advise({**known, "data_categories": stated | {more}}, judged)
    assert before.score_at_most <= after.score_at_most
    assert before.sa == "no" or after.sa != "no"
    assert before.ds == "no" or after.ds != "no"


@given(FACTS)
def test_telling_people_never_comes_without_telling_the_authority(facts: dict[str, FactValue]) -> None:
    found = advise(facts)
    rank = {"no": 0, "unknown": 1, "yes": 2}
    assert rank[found.sa] >= rank[found.ds]


@given(FACTS, st.sampled_from(["data_categories", "people_affected", "exfiltrated", "integrity_lost"]))
def test_advice_without_an_unknown_fact_is_yes_or_no_or_names_what_is_missing(
    facts: dict[str, FactValue], hidden: str
) -> None:
    found = advise({name: value for name, value in facts.items() if name != hidden})
    assert "unknown" not in (found.sa, found.ds) or found.unknown
