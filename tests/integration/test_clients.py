"""Client files: read whole or not at all, imported twice without effect, contracts kept in versions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from flows.client_file import CLIENT_CONTROLLER, read_client_file
from flows.client_import import Imported, import_clients, load_client_file
from flows.clients import clients, contacts_of, contract_of
from flows.sources import NewSource, add_source, disable_source, sources
from playbooks.errors import FileFaults, Mend, NotFound, Refused, SetupFault
from store import timeline
from store.database import Store
from store.tables import Contact, ContractTerm

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "clients.yaml"


def brought(store: Store, text: str) -> Imported:
    with store.writing() as session:
        return import_clients(session, read_client_file(text, "clients.yaml"), "commander-1", NOON)


def faults_of(text: str) -> list[tuple[int, str]]:
    with pytest.raises(FileFaults) as refused:
        read_client_file(text, "clients.yaml")
    assert all(fault.file == "clients.yaml" for fault in refused.value.faults)
    return [(fault.line, fault.what) for fault in refused.value.faults]


class TestImporting:
    def test_the_example_brings_clients_contract_contacts_and_recipients(self, store: Store) -> None:
        done = brought(store, EXAMPLE.read_text())
        assert done == Imported(("client-7", "own-staff"), (), ())
        with store.reading() as session:
            retail, own = clients(session)
            assert (retail.ref, retail.name, retail.jurisdictions) == (
                "client-7",
                "Example Retail Ltd",
                ["EU", "UK"],
            )
            assert (own.own, own.our_role) == (True, "controller")
            assert retail.id is not None
            assert own.id is not None
            told = contacts_of(session, retail.id, CLIENT_CONTROLLER)
            assert [contact.channel for contact in told] == ["email", "phone"]
            (authority,) = contacts_of(session, own.id, "supervisory_authority")
            assert authority.address == "https://authority.example.org/breach"
            contract = contract_of(session, retail.id)
            assert contract is not None
            assert (contract.hours, contract.starts, contract.version) == (24, "aware_at", 1)
            assert len(contract.terms["content"]) == 3

    def test_the_same_file_again_changes_nothing(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        assert brought(store, EXAMPLE.read_text()) == Imported((), (), ("client-7", "own-staff"))
        with store.reading() as session:
            kinds = [entry.kind for entry in timeline.entries(session, timeline.HOUSE)]
        assert kinds == ["client_added", "client_added"]

    def test_a_changed_contract_is_a_new_version_beside_the_old(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        changed = EXAMPLE.read_text().replace("hours: 24 ", "hours: 12 ")
        assert brought(store, changed).changed == ("client-7",)
        with store.reading() as session:
            terms = session.exec(select(ContractTerm).order_by(col(ContractTerm.version))).all()
            assert [(term.version, term.hours, term.superseded_at) for term in terms] == [
                (1, 24, NOON),
                (2, 12, None),
            ]
            entry = timeline.entries(session, timeline.HOUSE)[-1]
        assert (entry.kind, entry.payload) == (
            "client_changed",
            {"client": "client-7", "parts": ["contract"]},
        )

    def test_a_contract_that_ended_and_came_back_goes_on_counting_versions(self, sqlite_store: Store) -> None:
        text = (
            "clients: [{ref: aa, name: A, contacts: [{name: A, channel: phone, address: '+1 555 0100'}]%s}]"
        )
        for contract in (", contract: {hours: 24}", "", ", contract: {hours: 24}"):
            brought(sqlite_store, text % contract)
        with sqlite_store.reading() as session:
            versions = session.exec(select(ContractTerm.version, ContractTerm.superseded_at)).all()
        assert sorted(versions, key=lambda row: row[0]) == [(1, NOON), (2, None)]

    def test_contacts_are_replaced_as_a_whole_and_in_order(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        changed = EXAMPLE.read_text().replace("privacy@example.com", "breach@example.com")
        assert brought(store, changed).changed == ("client-7",)
        with store.reading() as session:
            addresses = session.exec(select(Contact).order_by(col(Contact.id))).all()
        assert sorted(contact.address for contact in addresses) == [
            "+353 1 555 0100",
            "breach@example.com",
            "https://authority.example.org/breach",
        ]

    def test_clients_the_file_does_not_name_stay(self, sqlite_store: Store) -> None:
        brought(sqlite_store, EXAMPLE.read_text())
        brought(sqlite_store, "clients: [{ref: other, name: Other, our_role: controller}]")
        with sqlite_store.reading() as session:
            assert [client.ref for client in clients(session)] == ["client-7", "other", "own-staff"]

    def test_a_second_own_organisation_is_refused_with_its_line_and_nothing_loaded(
        self, store: Store
    ) -> None:
        brought(store, EXAMPLE.read_text())
        both = "our_role: controller, name: A"
        text = f"clients:\n- {{ref: aa, {both}}}\n- {{ref: bb, {both}, own: true}}"
        with pytest.raises(FileFaults) as refused:
            brought(store, text)
        assert [fault.line for fault in refused.value.faults] == [3]
        with store.reading() as session:
            assert len(clients(session)) == 2

    def test_names_addresses_and_terms_are_sealed_in_the_database(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        with store.engine.connect() as connection:
            stored = [
                str(connection.exec_driver_sql(f"select * from {table}").all())
                for table in ("client", "contact", "contractterm")
            ]
        assert "client-7" in stored[0]
        for secret in ("Example Retail", "privacy@", "Duty officer", "What happened"):
            assert secret not in "".join(stored)


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

    def test_a_file_of_two_megabytes_is_refused_by_its_size(self, tmp_path: Path) -> None:
        (tmp_path / "large.yaml").write_bytes(b"#" * 3_000_000)
        with pytest.raises(FileFaults, match="1 MB"):
            load_client_file(tmp_path / "large.yaml")

    def test_a_file_that_is_not_there_or_a_folder_says_so(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none.yaml"):
            with pytest.raises(SetupFault, match="cannot be read"):
                load_client_file(path)


class TestSources:
    def new(self, **changed: str) -> NewSource:
        return NewSource(
            **{"name": "guard-1", "kind": "guardduty", "auth": "hmac", "playbook": "exfil", **changed}
        )

    def test_a_source_gets_a_secret_of_its_own_and_is_sealed(self, store: Store) -> None:
        with store.writing() as session:
            first = add_source(session, self.new(), {"exfil"}, "commander-1", NOON)
            second = add_source(session, self.new(name="guard-2"), {"exfil"}, "commander-1", NOON)
        assert len({first, second}) == 2
        assert min(len(first), len(second)) >= 43
        with store.engine.connect() as connection:
            assert first not in str(connection.exec_driver_sql("select * from source").all())
        with store.reading() as session:
            assert [source.secret for source in sources(session)] == [first, second]

    @pytest.mark.parametrize(
        "changed",
        [{"name": "../x"}, {"name": "A"}, {"kind": "siem"}, {"auth": "none"}, {"channel": "a\x1b[2J"}],
    )
    def test_what_cannot_be_a_source_is_named(self, sqlite_store: Store, changed: dict[str, str]) -> None:
        with sqlite_store.writing() as session, pytest.raises(Mend):
            add_source(session, self.new(**changed), {"exfil"}, "commander-1", NOON)

    @pytest.mark.parametrize("changed", [{"playbook": "none"}, {"client": "nobody"}])
    def test_a_source_names_a_playbook_and_a_client_that_are_there(
        self, sqlite_store: Store, changed: dict[str, str]
    ) -> None:
        with sqlite_store.writing() as session, pytest.raises(NotFound):
            add_source(session, self.new(**changed), {"exfil"}, "commander-1", NOON)

    def test_a_source_is_disabled_once_and_its_name_stays_taken(self, store: Store) -> None:
        with store.writing() as session:
            add_source(session, self.new(), {"exfil"}, "commander-1", NOON)
            assert disable_source(session, "guard-1", "commander-1", NOON).disabled_at == NOON
            with pytest.raises(Refused):
                disable_source(session, "guard-1", "commander-1", NOON)
            with pytest.raises(Refused):
                add_source(session, self.new(), {"exfil"}, "commander-1", NOON)
            with pytest.raises(NotFound):
                disable_source(session, "guard-9", "commander-1", NOON)
        with store.reading() as session:
            kinds = [entry.kind for entry in timeline.entries(session, timeline.HOUSE)]
        assert kinds == ["source_added", "source_disabled"]
