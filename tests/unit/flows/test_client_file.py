"""What a client file may say, and that everything else in it is a fault with its line and its mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.clients.contract import ContractEntry
from flows.clients.file import ClientEntry, read_client_file
from playbooks.errors import FileFaults
from playbooks.law import BusinessHours

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "clients.yaml"
DESK = "contacts: [{name: Desk, channel: phone, address: '+1 555 0100'}]"


def the_client(said: str) -> ClientEntry:
    (client,) = read_client_file(f"clients: [{{ref: aa, name: A, {said}}}]", "clients.yaml").clients
    return client


def the_contract(said: str) -> ContractEntry:
    contract = the_client(f"{DESK}, contract: {{{said}}}").contract
    assert contract is not None
    return contract


def faults_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(FileFaults) as refused:
        read_client_file(text, "clients.yaml")
    assert all(fault.file == "clients.yaml" for fault in refused.value.faults)
    return [(fault.line, fault.what) for fault in refused.value.faults]


def fault_of(said: str) -> tuple[str, str]:
    """The one fault of a client that is right but for this, and its mend."""
    with pytest.raises(FileFaults) as refused:
        the_client(said)
    (fault,) = refused.value.faults
    return fault.what, fault.mend


class TestClients:
    def test_what_nobody_has_said_stays_unsaid(self) -> None:
        client = the_client(DESK)
        assert (client.status, client.place, client.zone, client.jurisdictions) == (None, "", "UTC", ())

    def test_the_zone_is_that_of_the_place_unless_it_is_said(self) -> None:
        assert the_client(f"{DESK}, place: DE-BY").zone == "Europe/Berlin"
        assert the_client(f"{DESK}, zone: Europe/Dublin").zone == "Europe/Dublin"

    def test_none_is_a_status_and_so_are_several_regimes(self) -> None:
        assert the_client(f"{DESK}, status: [none]").status == ("none",)
        said = the_client(f"{DESK}, status: [nis2_entity, us_bank]")
        assert said.status == ("nis2_entity", "us_bank")

    def test_contacts_stand_in_the_order_in_which_they_are_tried(self) -> None:
        retail, _, own = read_client_file(EXAMPLE.read_text(), "clients.yaml").clients
        assert [(recipient, to.channel) for recipient, to in retail.told] == [
            ("client_controller", "email"),
            ("client_controller", "phone"),
        ]
        assert [recipient for recipient, _ in own.told] == ["supervisory_authority"] * 2

    @pytest.mark.parametrize(
        ("said", "what", "mend"),
        [
            ("status: [none, us_bank]", "`none` stands beside others", "keep"),
            ("status: []", "an empty list says nothing", "[none]"),
            ("status: [bank]", "no special regime that we know", "us_bank"),
            ("place: Bavaria", "`Bavaria` is no place known here", ""),
            ("place: DE-BY, zone: Europe/Dublin", "DE-BY lies in another time zone", "Europe/Berlin"),
            ("own: true", "our own organisation decides about its data itself", "controller"),
            (
                "recipients: [{recipient: client_controller, name: A, channel: email, address: a@b.org}]",
                "the client itself is told at its `contacts`",
                "move it",
            ),
        ],
    )
    def test_what_cannot_be_or_contradicts_itself_is_a_fault(self, said: str, what: str, mend: str) -> None:
        found = fault_of(f"{DESK}, {said}")
        assert found[0] == what
        assert mend in found[1]

    def test_the_same_address_twice_is_no_backup(self) -> None:
        desk = "{name: Desk, channel: phone, address: '+1 555 0100'}"
        what, mend = fault_of(f"contacts: [{desk}, {desk}]")
        assert what == "this address stands here twice"
        assert "another one" in mend
        insurer = "{recipient: insurer, name: A, channel: email, address: a@b.org}"
        assert fault_of(f"{DESK}, recipients: [{insurer}, {insurer}]") == (what, mend)

    def test_one_address_may_serve_two_recipients(self) -> None:
        to = "name: A, channel: email, address: a@b.org"
        said = f"recipients: [{{recipient: insurer, {to}}}, {{recipient: media, {to}}}]"
        assert len(the_client(f"{DESK}, {said}").told) == 3


class TestHints:
    def test_a_hint_stands_for_one_client_in_any_case_of_letters_and_a_reference_is_one_too(self) -> None:
        text = (
            "clients:\n"
            f"  - {{ref: client-7, name: A, {DESK}, hints: ['aws:111122223333']}}\n"
            f"  - {{ref: client-8, name: B, {DESK}, hints: [b.example, 'AWS:111122223333']}}\n"
            f"  - {{ref: client-9, name: C, {DESK}, hints: [Client-8]}}\n"
        )
        assert faults_of(text) == [(3, "a hint at two clients"), (4, "a hint at two clients")]

    def test_the_same_hint_twice_at_one_client_harms_nobody(self) -> None:
        assert the_client(f"{DESK}, hints: [b.example, B.example]").hints == ("b.example", "B.example")


class TestContracts:
    def test_without_more_the_hours_always_run_from_awareness(self) -> None:
        contract = the_contract("hours: 36")
        assert (contract.hours, contract.starts, contract.window) == (36, "aware_at", {})
        assert the_contract("hours: 36, business_hours: false").window == {}

    @pytest.mark.parametrize(
        ("word", "fact"),
        [
            ("awareness", "aware_at"),
            ("suspicion", "detected_at"),
            ("confirmation", "client_confirmed_at"),
            ("discovered_at", "discovered_at"),
        ],
    )
    def test_the_words_of_contracts_for_their_start_become_facts(self, word: str, fact: str) -> None:
        assert the_contract(f"hours: 24, starts: {word}").starts == fact

    def test_business_hours_become_the_window_of_a_rule(self) -> None:
        said = "hours: 8, business_hours: {days: [fri, mon], opens: 08:00, closes: 18:30, place: DE-BY}"
        window = BusinessHours.model_validate(the_contract(said).window)
        assert window == BusinessHours(days=(0, 4), opens="08:00", closes="18:30", place="DE-BY")

    def test_a_contract_may_say_nothing_of_hours(self) -> None:
        contract = the_contract("audit_right: Once a year")
        assert contract.hours is None
        assert contract.terms["audit_right"] == "Once a year"

    def test_content_is_words_of_ours_or_lines_of_the_contract(self) -> None:
        contract = the_contract("hours: 1, content: [nature, Nature, a list of the files]")
        assert contract.terms["content"] == ["nature", "Nature", "a list of the files"]

    @pytest.mark.parametrize(
        ("said", "what", "mend"),
        [
            ("hours: 0", "`hours` is too small: `0`", "write more than 0"),
            ("hours: true", "`hours` is no number: `true`", "write a plain number"),
            ("hours: '24'", "`hours` is no number: `24`", "write a plain number"),
            ("hours: 9999", "`hours` is too large: `9999`", "write 8784 at most"),
            ("hours: 1, starts: sunrise", "no clock can start at this", "suspicion"),
            (
                "hours: 1, starts: client_told_at",
                "telling the client ends the clock and cannot start it",
                "awareness",
            ),
            ("starts: awareness", "`starts` without `hours` says nothing", "add `hours`"),
            (
                "business_hours: {days: [mon], opens: 08:00, closes: 09:00}",
                "`business_hours` without `hours` says nothing",
                "add `hours`",
            ),
            (
                "hours: 1, business_hours: true",
                "`true` does not say when the hours run",
                "days, opens, closes",
            ),
            (
                "hours: 1, business_hours: {days: [mon], opens: 17:00, closes: 09:00}",
                "closes before it opens",
                "on the day they begin",
            ),
            (
                "hours: 1, business_hours: {days: [mon], opens: 9:00, closes: 17:00}",
                "no time of day",
                "09:00",
            ),
            (
                "hours: 1, business_hours: {days: [Monday], opens: 09:00, closes: 17:00}",
                "no day of the week",
                "mon",
            ),
            (
                "hours: 1, business_hours: {days: [mon], opens: 09:00, closes: 17:00, place: Mars}",
                "`Mars` is no place known here",
                "",
            ),
            ("hours: 1, business_hours: {opens: 09:00, closes: 17:00}", "`days` is missing", "add it"),
            ("hours: 1, channel: email", "no contact is reached the way the contract asks", "by email"),
            ("hours: 1, content: [natur]", "`natur` is no word for what a notice says", "`nature`"),
            ("hours: 1, content: [zzz]", "`zzz` is no word for what a notice says", "several words"),
            (
                'hours: 1, audit_right: "a\\x1b[31m"',
                "`audit_right`: holds characters that cannot be seen",
                "",
            ),
        ],
    )
    def test_what_cannot_be_or_contradicts_itself_is_a_fault(self, said: str, what: str, mend: str) -> None:
        found = fault_of(f"{DESK}, contract: {{{said}}}")
        assert found[0] == what
        assert mend in found[1]

    def test_a_fault_of_a_contract_stands_on_its_own_line(self) -> None:
        text = f"""clients:
- ref: aa
  name: A
  {DESK}
  contract:
    hours: 8
    business_hours:
      days: [mon]
      opens: 17:00
      closes: 09:00
"""
        assert faults_of(text) == [(10, "closes before it opens")]


class TestFaults:
    def test_every_fault_is_listed_with_its_line(self) -> None:
        text = """clients:
  - ref: Example Retail
    name: "\\e[31mred"
    zone: Mars/Base
    jurisdictions: [EU, Narnia]
    colour: blue
    contract:
      hours: -1
      starts: sunrise
    contacts:
      - {name: Desk, channel: email, address: nobody}
  - ref: example-two
    name: Two
"""
        found = faults_of(text)
        assert [line for line, _ in found] == [2, 3, 4, 5, 6, 8, 9, 11]
        assert any("time zone" in what for _, what in found)

    def test_faults_between_clients_are_found_beside_faults_within(self) -> None:
        text = "clients:\n- {ref: aa, name: A, own: true}\n- {ref: aa, name: '', own: true}"
        assert [line for line, _ in faults_of(text)] == [3, 3, 3]

    def test_a_processor_whose_client_nobody_can_tell_is_a_fault(self) -> None:
        assert faults_of("clients:\n- {ref: aa, name: A}") == [(2, "nobody of this client can be told")]

    def test_hours_of_a_contract_do_not_bind_a_controller(self) -> None:
        text = "clients:\n- {ref: aa, name: A, our_role: controller,\n   contract: {hours: 24}}"
        assert faults_of(text) == [(3, "a contract's hours bind a processor")]

    @pytest.mark.parametrize(
        ("channel", "address"),
        [
            ("email", "a@b"),
            ("email", "a@example.com, b@example.com"),
            ("email", "a@example.com\nBcc: x@example.com"),
            ("phone", "112"),
            ("portal", "http://example.com"),
            ("portal", "https://"),
            ("portal", "https://[::1"),
            ("webhook", "https://user:secret@example.com/"),
            ("webhook", "javascript:alert(1)"),
            ("fax", "+353 1 555 0100"),
        ],
    )
    def test_an_address_that_its_channel_cannot_reach_is_a_fault(self, channel: str, address: str) -> None:
        entry = {"name": "Desk", "channel": channel, "address": address}
        text = f"clients: [{{ref: aa, name: A, contacts: [{entry!r}]}}]".replace("'", '"')
        assert len(faults_of(text)) >= 1

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "clients:",
            "clients: 3",
            "clients: []",
            "clients: {a: b}",
            "- a",
            "a: &b [*b]",
            "clients: [3]",
            "\x00",
            "{",
        ],
    )
    def test_what_is_no_client_file_is_one_fault_or_more(self, text: str) -> None:
        assert faults_of(text)
