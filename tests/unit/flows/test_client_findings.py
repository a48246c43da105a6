"""What is missing in the clients' records is said in words, for each client and for the house."""

from __future__ import annotations

from dataclasses import replace

from flows.clients import findings as words
from flows.clients.findings import ClientView, Finding, findings, together
from playbooks.contracts import ContractTermView, default_term

OWN = ClientView(1, "own-staff", True, "controller", ("EU",), ("none",), 0)
WHOLE = ClientView(2, "client-7", False, "processor", ("EU",), ("none",), 2)
TERM = ContractTermView("client-7", 36)


def of(client: ClientView, term: ContractTermView | None = TERM) -> list[str]:
    found = findings([OWN, client], {client.id: term} if term else {})
    assert all(finding.client == client.ref for finding in found)
    return [finding.what for finding in found]


def test_a_whole_record_has_no_finding() -> None:
    assert of(WHOLE) == []


def test_a_contract_without_hours_names_the_default_that_holds() -> None:
    (said,) = of(WHOLE, default_term("client-7"))
    assert said == "its contract gives no hours: the strictest default of 24 h holds, as policy"


def test_what_nobody_has_said_is_a_finding_each() -> None:
    bare = replace(WHOLE, jurisdictions=(), status=(), contacts=1)
    assert of(bare) == [
        words.NO_STATUS,
        words.NO_JURISDICTIONS,
        words.NO_BACKUP,
    ]


def test_a_client_whom_nobody_can_tell_is_said_so() -> None:
    assert of(replace(WHOLE, contacts=0)) == [words.NO_CONTACT]


def test_a_controller_s_record_needs_no_contract_and_no_contact() -> None:
    assert of(replace(WHOLE, our_role="controller", contacts=0), None) == []


def test_a_house_without_its_own_record_is_told_so_unless_it_is_empty() -> None:
    assert findings([WHOLE], {2: TERM}) == (Finding("", words.NO_OWN),)
    assert findings([], {}) == ()


def test_the_same_words_are_said_once_for_all_their_clients() -> None:
    found = [Finding("", "no house"), Finding("aa", "bare"), Finding("bb", "bare")]
    assert together(found) == {"no house": (), "bare": ("aa", "bb")}
