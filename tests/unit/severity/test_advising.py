from __future__ import annotations

from datetime import UTC, datetime

import pytest

from playbooks.conditions import compile_condition
from playbooks.facts import DICTIONARY, FactValue, Range, parse_fact
from playbooks.severity.advising import FACTORS, FOR_THE_CLIENT, NOT_THE_TEST, Advice, advise
from playbooks.severity.enisa import Band, EnisaGiven
from playbooks.severity.proposing import CATEGORIES, propose

QUIET = {
    "personal_data": "yes",
    "data_categories": "contact",
    "people_affected": "20",
    "encrypted": "no",
    "exfiltrated": "no",
    "availability_lost": "no",
    "integrity_lost": "no",
    "malicious": "no",
    "source_kind": "mistake",
}
"""Everything is known, and nothing came of it."""


def facts(**more: str) -> dict[str, FactValue]:
    stated = QUIET | more
    return {name: parse_fact(name, value) for name, value in stated.items()}


def advice(**more: str) -> Advice:
    return advise(facts(**more))


def answers(found: Advice) -> tuple[str, str]:
    return found.sa, found.ds


def test_what_is_known_and_harmless_needs_a_record_only() -> None:
    found = advice()
    assert answers(found) == ("no", "no")
    assert (found.score, found.score_at_most, found.band, found.risk) == (1.0, 1.0, Band.LOW, "unlikely")
    assert found.unknown == ()
    assert NOT_THE_TEST in found.why


def test_nothing_known_leaves_everything_open_and_says_what_is_missing() -> None:
    found = advise({})
    assert answers(found) == ("unknown", "unknown")
    assert (found.score, found.score_at_most) == (0.25, 6.0)
    assert {"data_categories", "encrypted", "exfiltrated", "malicious", "people_affected"} <= set(
        found.unknown
    )


def test_a_score_at_the_lines_advises_authority_and_people() -> None:
    for dpc, expected in ((1, ("no", "no")), (2, ("yes", "no")), (3, ("yes", "yes"))):
        found = advise(facts(), EnisaGiven(dpc=dpc, ei=1.0))
        assert answers(found) == expected


def test_a_part_given_by_a_person_replaces_what_the_facts_propose() -> None:
    proposal = propose(facts(), EnisaGiven(ei=0.25))
    assert [one.why for one in proposal.estimates if one.part == "ei"] == ["given as negligible"]
    assert proposal.least == proposal.most == 0.25


def test_the_highest_category_of_several_counts() -> None:
    found = advice(data_categories="contact, financial, health")
    assert found.score == 4.0
    assert found.why[0] == "kind of data (DPC) 4: sensitive data"


def test_a_category_that_may_be_missing_leaves_the_score_open_upwards() -> None:
    found = advice(data_categories="contact, unknown")
    assert (found.score, found.score_at_most) == (1.0, 4.0)
    assert "data_categories" in found.unknown


def test_credentials_alone_leave_open_what_they_open() -> None:
    found = advice(data_categories="credentials")
    assert "enisa.data" in found.unknown
    assert found.score_at_most > found.score


def test_credentials_beside_other_data_leave_open_what_they_open() -> None:
    mistaken = {
        "exfiltrated": "yes",
        "people_affected": "50",
        "identity_fraud": "no",
        "recipient_trusted": "no",
    }
    given = EnisaGiven(confidentiality=0.25)
    found = advise(facts(data_categories="contact, credentials", **mistaken), given)
    assert (found.score, found.score_at_most, found.risk) == (1.25, 4.25, "unknown")
    assert "enisa.data" in found.unknown
    said = advise(
        facts(data_categories="contact, credentials", **mistaken), EnisaGiven(dpc=1, confidentiality=0.25)
    )
    assert answers(said) == ("no", "no")


def test_every_category_of_the_dictionary_is_scored_but_credentials() -> None:
    assert set(DICTIONARY["data_categories"].values) - set(CATEGORIES) == {"credentials"}


def test_unreadable_data_is_a_flag_that_leaves_the_number_as_it_is() -> None:
    readable, unreadable = (advice(data_categories="contact, health", encrypted=one) for one in ("no", "yes"))
    assert readable.score == unreadable.score == 4.0
    assert unreadable.flags == ("data unreadable to others",)
    assert (readable.sa, unreadable.sa) == ("yes", "no")


def test_effective_encryption_lowers_whatever_the_score() -> None:
    found = advice(data_categories="health", encrypted="yes", exfiltrated="yes", people_affected="5000")
    assert answers(found) == ("no", "no")
    assert found.flags == ("more than 100 people", "data unreadable to others")
    assert any(line.startswith("effective encryption lowers it") for line in found.why)


def test_encryption_without_a_backup_does_not_lower() -> None:
    lost = {"availability_lost": "yes", "encrypted": "yes", "malicious": "yes", "people_affected": "5000"}
    assert "effective encryption" in advice(**lost, restorable="yes", outage_harm="no").factors
    assert "effective encryption" not in advice(**lost, restorable="no", outage_harm="no").factors


def test_neither_a_key_nor_a_trusted_recipient_helps_those_who_went_without() -> None:
    harmed = {"availability_lost": "yes", "restorable": "yes", "outage_harm": "yes"}
    assert advice(**harmed, encrypted="yes").sa == "yes"
    assert advice(**harmed, exfiltrated="yes", recipient_trusted="yes", data_returned="yes").sa == "yes"


def test_a_trusted_recipient_lowers_only_once_deletion_is_confirmed() -> None:
    sent = {"data_categories": "contact, financial", "exfiltrated": "yes", "recipient_trusted": "yes"}
    assert advice(**sent, data_returned="yes").sa == "no"
    assert advice(**sent, data_returned="no").sa == "yes"
    unconfirmed = advice(**sent)
    assert unconfirmed.sa == "yes"
    assert "once established, what lowers it: trusted recipient" in unconfirmed.overriding


def test_a_trusted_recipient_does_not_excuse_malice() -> None:
    found = advice(
        data_categories="contact, financial",
        exfiltrated="yes",
        recipient_trusted="yes",
        data_returned="yes",
        malicious="yes",
        source_kind="insider",
    )
    assert found.sa == "yes"


TAKEN = {
    "source_kind": "insider",
    "wrongful_purpose": "yes",
    "recipient_trusted": "yes",
    "data_returned": "yes",
    "exfiltrated": "yes",
    "people_affected": "50000",
    "data_categories": "contact, government_id, health",
}


@pytest.mark.parametrize("malicious", ["yes", "no", "unknown"])
def test_a_trusted_recipient_does_not_excuse_a_wrongful_purpose_whatever_is_said_of_malice(
    malicious: str,
) -> None:
    found = advice(**TAKEN, malicious=malicious)
    assert answers(found) == ("yes", "yes")
    assert "trusted recipient" not in found.factors


def test_a_purpose_that_contradicts_the_intent_leaves_the_intent_open() -> None:
    found = advice(**TAKEN, malicious="no")
    assert found.score_at_most - found.score >= 0.5
    assert "malicious" in found.unknown


def test_what_lowers_against_what_raises_leaves_the_question_to_the_person() -> None:
    sent = TAKEN | {"source_kind": "mistake", "wrongful_purpose": "no"}
    found = advice(**sent)
    assert answers(found) == ("unknown", "unknown")
    assert "risk" in found.unknown
    assert any("both hold" in line for line in found.overriding)
    few = {"people_affected": "5", "data_categories": "contact, health"}
    assert answers(advice(**sent | few)) == ("no", "no")


def test_a_key_that_an_insider_may_have_had_leaves_the_question_to_the_person() -> None:
    found = advice(encrypted="yes", exfiltrated="yes", malicious="yes", source_kind="insider")
    assert (found.sa, found.ds) == ("unknown", "no")


def test_what_lowers_settles_nothing_while_what_raises_may_yet_hold() -> None:
    sent = {"exfiltrated": "yes", "recipient_trusted": "yes", "data_returned": "yes"}
    found = advice(**sent, people_affected="50-150")
    assert found.sa == "unknown"
    assert "people_affected" in found.unknown


def test_where_no_personal_data_is_affected_an_insider_changes_nothing() -> None:
    found = advice(personal_data="no", exfiltrated="yes", malicious="yes", source_kind="insider")
    assert answers(found) == ("no", "no")


def test_insider_misuse_raises_a_low_score_to_the_authority() -> None:
    taken = {"exfiltrated": "yes", "malicious": "yes", "recipient_trusted": "yes"}
    assert answers(advice(**taken, source_kind="insider")) == ("yes", "no")
    assert answers(advice(**taken, source_kind="external")) == ("no", "no")


def test_people_who_went_without_raise_it_and_a_short_outage_does_not() -> None:
    down = {"availability_lost": "yes", "restorable": "yes"}
    assert answers(advice(**down, outage_harm="yes")) == ("yes", "no")
    assert answers(advice(**down, outage_harm="no")) == ("no", "no")
    assert advice(**down).sa == "unknown"
    assert "outage_harm" in advice(**down).unknown


@pytest.mark.parametrize(("people", "expected"), [("100", "no"), ("101", "yes"), ("50-150", "unknown")])
def test_more_than_100_people_raise_it_where_readable_data_left(people: str, expected: str) -> None:
    sent = {"exfiltrated": "yes", "identity_fraud": "no", "recipient_trusted": "yes"}
    assert advice(**sent, people_affected=people).sa == expected
    assert advice(people_affected=people).sa == "no"


def test_identities_of_many_are_told_to_the_people() -> None:
    sent = {"exfiltrated": "yes", "recipient_trusted": "yes", "data_categories": "contact, government_id"}
    assert answers(advice(**sent, people_affected="60000")) == ("yes", "yes")
    assert answers(advice(**sent, people_affected="2")) == ("yes", "no")


def test_a_national_identifier_of_one_person_raises_it() -> None:
    ciphered = EnisaGiven(ei=0.25)
    found = advise(facts(exfiltrated="yes", data_categories="government_id", people_affected="1"), ciphered)
    assert found.score < 2
    assert found.sa == "yes"


def test_no_personal_data_needs_no_telling() -> None:
    assert answers(advice(personal_data="no", exfiltrated="yes", data_categories="secret")) == ("no", "no")


def test_what_follows_from_a_stated_fact_is_not_asked_again() -> None:
    attack = {name: value for name, value in facts(source_kind="external").items() if name != "malicious"}
    assert "malicious" not in advise(attack).unknown
    assert advise(attack).score == advise({**attack, "malicious": True}).score


def test_a_stated_fact_is_never_replaced_by_what_follows() -> None:
    found = advise(facts(source_kind="external", malicious="no"))
    assert any(line.startswith("intent 0: nobody meant harm") for line in found.why)


def test_what_somebody_stated_to_be_unknown_stays_unknown() -> None:
    stated = facts(exfiltrated="no", acquired="unknown")
    assert "acquired" in advise(stated).unknown
    assert advise(stated).score_at_most > advise(facts(exfiltrated="no")).score_at_most


def test_a_processor_is_told_whose_duties_it_is_about() -> None:
    assert FOR_THE_CLIENT in advice(our_role="processor").why
    assert FOR_THE_CLIENT not in advice(our_role="controller").why


def test_the_words_of_the_score_stand_among_the_reasons() -> None:
    assert "SE 1.00, low: no inconvenience, or a few that are easily overcome" in advice().why


def test_facts_the_method_does_not_read_change_nothing() -> None:
    more: dict[str, FactValue] = {
        "aware_at": datetime(2026, 3, 1, tzinfo=UTC),
        "records_affected": Range(low=5, high=9),
    }
    assert advise({**facts(), **more}) == advise(facts())


def test_every_factor_is_a_sound_condition() -> None:
    for factor in FACTORS:
        assert compile_condition(factor.when).names
