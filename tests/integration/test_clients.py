"""Client files in the store: whole or not at all, contracts in versions, weighty changes by two people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from flows.clients import findings as words
from flows.clients.file import CLIENT_CONTROLLER, read_client_file
from flows.clients.findings import Finding
from flows.clients.importing import Imported, import_clients, load_client_file, vouchers_needed
from flows.clients.reading import clients, contacts_of, house_findings, term_views
from flows.people import Newcomer, disable, enrol
from flows.sources import NewSource, add_source, disable_source, sources
from playbooks.contracts import ContractTermView, default_term
from playbooks.errors import FileFaults, Mend, NotFound, Refused, SetupFault
from playbooks.law import BusinessHours
from store import timeline
from store.database import Store
from store.tables import Client, Contact, ContractTerm, SourceKey

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "clients.yaml"


def brought(store: Store, text: str, second: str = "") -> Imported:
    file = read_client_file(text, "clients.yaml")
    with store.writing() as session:
        return import_clients(session, file, "commander-1", NOON, second=second)


def client(ref: str, said: str = "", contacts: int = 1) -> str:
    """A client of ours as a file has it, whole but for its contract."""
    desks = ", ".join(f"{{name: Desk, channel: phone, address: '+1 555 010{at}'}}" for at in range(contacts))
    whole = "jurisdictions: [EU], status: [none]"
    return f"{{ref: {ref}, name: Name of {ref}, {whole}, contacts: [{desks}]{said and f', {said}'}}}"


def filed(*listed: str) -> str:
    return f"clients: [{', '.join(listed)}]"


def current_term(session: Session, client_id: int) -> ContractTerm | None:
    current = col(ContractTerm.superseded_at).is_(None)
    return session.exec(
        select(ContractTerm).where(ContractTerm.client_id == client_id, current)
    ).one_or_none()


def terms_by_ref(store: Store) -> dict[str, ContractTermView]:
    with store.reading() as session:
        ids = {one.id: one.ref for one in clients(session) if one.id is not None}
        return {ids[key]: view for key, view in term_views(session, list(ids)).items()}


def peopled(store: Store) -> None:
    """Enrol two people, so that there is a second one to ask."""
    with store.writing() as session:
        for handle in ("commander-1", "privacy-1"):
            enrol(session, Newcomer(handle, "Test", ("commander",)), ["commander-1"], NOON)


class TestImporting:
    def test_the_example_brings_clients_contract_contacts_and_recipients(self, store: Store) -> None:
        done = brought(store, EXAMPLE.read_text())
        assert done == Imported(("client-7", "client-8", "own-staff"), (), ())
        with store.reading() as session:
            retail, bank, own = clients(session)
            assert (retail.ref, retail.name, retail.jurisdictions) == (
                "client-7",
                "Example Retail Ltd",
                ["EU", "UK"],
            )
            assert (bank.status, bank.place, bank.zone) == (["credit_institution"], "DE-BY", "Europe/Berlin")
            assert (own.own, own.our_role, own.status) == (True, "controller", ["nis2_entity"])
            assert retail.id is not None
            assert bank.id is not None
            assert own.id is not None
            told = contacts_of(session, retail.id, CLIENT_CONTROLLER)
            assert [contact.channel for contact in told] == ["email", "phone"]
            authority, backup = contacts_of(session, own.id, "supervisory_authority")
            assert authority.address == "https://authority.example.org/breach"
            assert backup.channel == "phone"
            contract = current_term(session, retail.id)
            assert contract is not None
            assert (contract.hours, contract.starts, contract.version) == (24, "aware_at", 1)
            assert contract.window == {}
            assert len(contract.terms["content"]) == 3
            assert contract.terms["channel"] == "email"
            assert "inspect" in contract.terms["audit_right"]
            hours = current_term(session, bank.id)
            assert hours is not None
            assert (hours.hours, hours.starts) == (8, "detected_at")
            assert hours.window == {
                "days": [0, 1, 2, 3, 4], "opens": "08:00", "closes": "18:00", "place": "DE-BY",
            }  # fmt: skip

    def test_the_same_file_again_changes_nothing(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        assert brought(store, EXAMPLE.read_text()) == Imported((), (), ("client-7", "client-8", "own-staff"))
        with store.reading() as session:
            kinds = [entry.kind for entry in timeline.entries(session, timeline.HOUSE)]
        assert kinds == ["client_added"] * 3

    def test_a_changed_contract_is_a_new_version_beside_the_old(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        changed = EXAMPLE.read_text().replace("hours: 24 ", "hours: 12 ")
        assert brought(store, changed).changed == ("client-7",)
        with store.reading() as session:
            terms = session.exec(select(ContractTerm).order_by(col(ContractTerm.version))).all()
            assert [(t.version, t.hours, t.superseded_at) for t in terms if t.starts == "aware_at"] == [
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
            addresses = session.exec(select(Contact)).all()
        assert sorted(contact.address for contact in addresses) == [
            "+353 1 555 0100",
            "+353 1 555 0199",
            "breach@example.com",
            "https://authority.example.org/breach",
            "outsourcing@bank.example",
            "security@bank.example",
        ]

    def test_hints_are_kept_sealed_and_none_is_given_to_a_second_client_by_another_file(
        self, store: Store
    ) -> None:
        brought(store, filed(client("client-7", said="hints: ['aws:111122223333']")))
        with pytest.raises(FileFaults, match="client-7 as well"):
            brought(store, filed(client("client-8", said="hints: ['AWS:111122223333']")))
        with pytest.raises(FileFaults, match="client-7 as well"):
            brought(store, filed(client("client-9", said="hints: [client-7]")))
        with store.reading() as session:
            assert session.exec(select(Client.hints)).all() == [["aws:111122223333"]]
        assert brought(store, filed(client("client-7"))).changed == ("client-7",)

    def test_clients_the_file_does_not_name_stay(self, sqlite_store: Store) -> None:
        brought(sqlite_store, EXAMPLE.read_text())
        brought(sqlite_store, "clients: [{ref: other, name: Other, our_role: controller}]")
        with sqlite_store.reading() as session:
            assert [client.ref for client in clients(session)] == [
                "client-7",
                "client-8",
                "other",
                "own-staff",
            ]

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
            assert len(clients(session)) == 3

    def test_names_addresses_and_terms_are_sealed_in_the_database(self, store: Store) -> None:
        brought(store, EXAMPLE.read_text())
        with store.engine.connect() as connection:
            stored = [
                str(connection.exec_driver_sql(f"select * from {table}").all())
                for table in ("client", "contact", "contractterm")
            ]
        assert "client-7" in stored[0]
        for secret in (
            "Example Retail",
            "privacy@",
            "Duty officer",
            "how many people",
            "inspect our records",
        ):
            assert secret not in "".join(stored)

    @pytest.mark.parametrize(
        "said",
        [
            "contract: {hours: 24, business_hours: {days: [mon], opens: 09:00, closes: 17:00}}",
            "contract: {hours: 24, audit_right: Once a year}",
            "contract: {hours: 24, channel: phone}",
            "contract: {hours: 24, starts: suspicion}",
            "contract: {notes: It gives no hours}",
        ],
    )
    def test_any_other_word_of_a_contract_is_a_new_version(self, sqlite_store: Store, said: str) -> None:
        brought(sqlite_store, filed(client("aa", "contract: {hours: 24}")))
        assert brought(sqlite_store, filed(client("aa", said))).changed == ("aa",)
        assert brought(sqlite_store, filed(client("aa", said))).unchanged == ("aa",)
        with sqlite_store.reading() as session:
            term = current_term(session, 1)
        assert term is not None
        assert term.version == 2


class TestTerms:
    def test_each_client_s_term_has_its_window_and_the_silent_ones_the_strictest_default(
        self, store: Store
    ) -> None:
        hours = "business_hours: {days: [mon], opens: 09:00, closes: 17:00}"
        brought(
            store,
            filed(
                client("aa", f"contract: {{hours: 6, starts: suspicion, citation: 'cl. 9', {hours}}}"),
                client("bb", "contract: {audit_right: Once a year}"),
                client("cc"),
                "{ref: dd, name: D, our_role: controller}",
            ),
        )
        window = BusinessHours(days=(0,), opens="09:00", closes="17:00")
        assert terms_by_ref(store) == {
            "aa": ContractTermView("aa", 6, "detected_at", "cl. 9", "1", window=window),
            "bb": default_term("bb"),
            "cc": default_term("cc"),
        }

    def test_a_default_tells_nothing_of_another_client_s_contract(self, sqlite_store: Store) -> None:
        brought(sqlite_store, filed(client("aa", "contract: {hours: 2}"), client("bb")))
        assert {ref: term.hours for ref, term in terms_by_ref(sqlite_store).items()} == {"aa": 2, "bb": 24}

    def test_the_terms_of_many_clients_take_one_query_and_open_no_seal(self, sqlite_store: Store) -> None:
        brought(sqlite_store, filed(*(client(f"client-{at}", "contract: {hours: 9}") for at in range(40))))
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        event.listen(sqlite_store.engine, "before_cursor_execute", note)
        with sqlite_store.reading() as session:
            assert len(term_views(session, range(1, 41))) == 40
        selects = [statement for statement in asked if statement.lstrip().upper().startswith("SELECT")]
        assert len(selects) == 1
        assert not any("contractterm.terms" in statement or "client.name" in statement for statement in asked)

    def test_no_clients_have_no_terms(self, sqlite_store: Store) -> None:
        with sqlite_store.reading() as session:
            assert term_views(session, ()) == {}


class TestFindings:
    def test_the_example_has_none(self, sqlite_store: Store) -> None:
        brought(sqlite_store, EXAMPLE.read_text())
        with sqlite_store.reading() as session:
            assert house_findings(session) == ()

    def test_what_the_records_lack_is_found_and_does_not_block_the_import(self, store: Store) -> None:
        desk = "contacts: [{name: Desk, channel: phone, address: '+1 555 0100'}]"
        brought(
            store, filed(client("aa", "contract: {hours: 8}", contacts=2), f"{{ref: bb, name: B, {desk}}}")
        )
        with store.reading() as session:
            found = house_findings(session)
        assert found[0] == Finding("", words.NO_OWN)
        assert {finding.client for finding in found[1:]} == {"bb"}
        assert "24 h" in found[1].what
        assert [finding.what for finding in found[2:]] == [
            words.NO_STATUS,
            words.NO_JURISDICTIONS,
            words.NO_BACKUP,
        ]


class TestTwoPeople:
    WHOLE = client("aa", "contract: {hours: 24}", contacts=2)

    @pytest.mark.parametrize(
        "changed",
        [
            client("aa", "contract: {hours: 48}", contacts=2),
            client("aa", "contract: {hours: 24}", contacts=1),
            client("aa", contacts=2),
            client("aa", "contract: {hours: 24}, place: DE", contacts=2),
            WHOLE.replace("[none]", "[us_bank]"),
            WHOLE.replace("[EU]", "[]"),
        ],
    )
    def test_what_a_known_client_is_owed_or_who_is_told_is_changed_by_two(
        self, store: Store, changed: str
    ) -> None:
        peopled(store)
        brought(store, filed(self.WHOLE))
        with store.reading() as session:
            assert vouchers_needed(session, read_client_file(filed(changed), "clients.yaml")) == 2
        with pytest.raises(Refused, match=r"second person.*aa"):
            brought(store, filed(changed, client("bb")))
        with store.reading() as session:
            assert [one.ref for one in clients(session)] == ["aa"]
        assert brought(store, filed(changed), second="privacy-1").changed == ("aa",)
        with store.reading() as session:
            entry = timeline.entries(session, timeline.HOUSE)[-1]
        assert entry.author == "commander-1"
        assert entry.payload is not None
        assert entry.payload["second"] == "privacy-1"

    def test_new_clients_the_same_file_and_a_new_name_need_one(self, sqlite_store: Store) -> None:
        peopled(sqlite_store)
        renamed = self.WHOLE.replace("Name of aa", "Another name")
        for text in (filed(self.WHOLE), filed(self.WHOLE), filed(renamed, client("bb"))):
            with sqlite_store.reading() as session:
                assert vouchers_needed(session, read_client_file(text, "clients.yaml")) == 1
            brought(sqlite_store, text)

    def test_nobody_vouches_for_their_own_change_a_second_time(self, sqlite_store: Store) -> None:
        peopled(sqlite_store)
        brought(sqlite_store, filed(self.WHOLE))
        with pytest.raises(Refused, match="second person"):
            brought(sqlite_store, filed(client("aa")), second="commander-1")

    def test_a_disabled_second_person_still_counts(self, sqlite_store: Store) -> None:
        peopled(sqlite_store)
        brought(sqlite_store, filed(self.WHOLE))
        with sqlite_store.writing() as session:
            disable(session, "privacy-1", "commander-1", NOON)
        with pytest.raises(Refused, match="second person"):
            brought(sqlite_store, filed(client("aa")))


class TestFiles:
    def test_a_file_of_two_megabytes_is_refused_by_its_size(self, tmp_path: Path) -> None:
        (tmp_path / "large.yaml").write_bytes(b"#" * 3_000_000)
        with pytest.raises(FileFaults, match="1 MB"):
            load_client_file(tmp_path / "large.yaml")

    def test_a_file_that_is_not_there_or_a_folder_says_so(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "none.yaml"):
            with pytest.raises(SetupFault, match="cannot be read"):
                load_client_file(path)


class TestSources:
    def new(self, **changed: Any) -> NewSource:
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
            assert first not in str(connection.exec_driver_sql("select * from sourcekey").all())
        with store.reading() as session:
            keys = session.exec(select(SourceKey).order_by(col(SourceKey.id))).all()
            assert [key.secret for key in keys] == [first, second]
            assert {key.source_id for key in keys} == {source.id for source in sources(session)}

    @pytest.mark.parametrize(
        "changed",
        [{"name": "../x"}, {"name": "A"}, {"kind": "siem"}, {"auth": "none"}, {"channel": "a\x1b[2J"}],
    )
    def test_what_cannot_be_a_source_is_named(self, sqlite_store: Store, changed: dict[str, str]) -> None:
        with sqlite_store.writing() as session, pytest.raises(Mend):
            add_source(session, self.new(**changed), {"exfil"}, "commander-1", NOON)

    @pytest.mark.parametrize(
        "changed",
        [
            {"name": "access-watch"},
            {"kind": "access-watch"},
            {"kind": "mapped", "mapping": {"kind": "access-watch"}},
        ],
    )
    def test_no_tool_is_let_in_as_our_own_watch(self, sqlite_store: Store, changed: dict[str, Any]) -> None:
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
