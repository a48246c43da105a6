from __future__ import annotations

import pytest
from pydantic import ValidationError

from playbooks.severity.hipaa import FACTORS, HipaaRecord, weigh

LOW = {"finding": "low", "evidence": "log of the recipient's mail server"}
CONCLUDED = {
    "low_probability": True,
    "by": "privacy officer",
    "at": "2026-03-04T10:00Z",
    "reasons": "opened by nobody and deleted",
}


def record(**given: object) -> HipaaRecord:
    return HipaaRecord.model_validate(given)


def full(**given: object) -> HipaaRecord:
    return record(**dict.fromkeys(FACTORS, LOW), **given)


def test_an_empty_record_presumes_a_breach_and_names_every_factor() -> None:
    found = weigh(record())
    assert found.presumed
    assert found.open == ("nature", "recipient", "acquired", "mitigation")


@pytest.mark.parametrize("name", FACTORS)
def test_one_unknown_factor_keeps_the_presumption_whatever_was_concluded(name: str) -> None:
    given = {**dict.fromkeys(FACTORS, LOW), name: {"finding": "unknown"}}
    found = weigh(record(**given, conclusion=CONCLUDED))
    assert found.presumed
    assert found.open == (name,)
    assert found.why[-1] == "the conclusion given rests on an incomplete record"


def test_four_low_factors_rebut_nothing_until_a_person_concludes() -> None:
    found = weigh(full())
    assert (found.presumed, found.open, found.concluded) == (True, (), None)
    assert "until a person concludes otherwise" in found.why[-1]


def test_a_person_s_conclusion_on_a_full_record_rebuts_the_presumption_and_is_named() -> None:
    found = weigh(full(conclusion=CONCLUDED))
    assert (found.presumed, found.concluded) == (False, True)
    assert found.why[-1].startswith("privacy officer concluded on 2026-03-04")


def test_a_conclusion_to_the_contrary_keeps_it() -> None:
    found = weigh(full(conclusion={**CONCLUDED, "low_probability": False}))
    assert (found.presumed, found.concluded) == (True, False)


@pytest.mark.parametrize("name", ["good_faith_access", "inadvertent_disclosure", "not_retained"])
def test_an_exception_comes_first(name: str) -> None:
    holds = weigh(record(**{name: {"holds": True, "evidence": "letter came back unopened"}}))
    assert not holds.presumed
    assert "letter came back unopened" in holds.why[0]
    assert weigh(record(**{name: {"holds": False, "evidence": "it was opened"}})).presumed


def test_secured_information_is_no_breach_of_unsecured_information() -> None:
    assert not weigh(record(secured=True)).presumed
    assert weigh(record(secured=False)).presumed


@pytest.mark.parametrize(
    "wrong",
    [
        {"nature": {"finding": "low"}},
        {"nature": {"finding": "low", "evidence": "  "}},
        {"nature": {"finding": "0.4", "evidence": "a number"}},
        {"not_retained": {"holds": True}},
        {"conclusion": {**CONCLUDED, "at": "2026-03-04T10:00"}},
        {"conclusion": {**CONCLUDED, "at": 20260304}},
        {"conclusion": {**CONCLUDED, "by": ""}},
        {"secured": "perhaps"},
        {"score": 3},
    ],
)
def test_a_finding_without_evidence_or_a_number_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        record(**wrong)


def test_facts_speak_for_findings_and_settle_none() -> None:
    given = {**dict.fromkeys(FACTORS, LOW), "acquired": {"finding": "unknown"}}
    found = weigh(record(**given, conclusion=CONCLUDED), {"exfiltrated": False, "data_returned": False})
    assert "unknown; the facts speak for low, the data was not acquired" in found.why[2]
    assert (found.presumed, found.open) == (True, ("acquired",))
    assert LOW["evidence"] in found.why[3]


def test_malice_speaks_louder_than_a_trusted_recipient() -> None:
    why = weigh(record(), {"malicious": True, "recipient_trusted": True}).why
    assert "the facts speak for high" in why[1]


def test_yes_and_no_are_read_as_in_the_facts() -> None:
    assert not weigh(HipaaRecord.model_validate({"secured": "yes"})).presumed
