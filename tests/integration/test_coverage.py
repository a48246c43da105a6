"""What coverage is scored from is what the house has on record today."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session

from flows.cli.coverage_page import show_coverage
from flows.clients.importing import import_clients, load_client_file
from flows.coverage_input import client_records, kind_of, read_coverage, staff
from flows.datamap.importing import import_systems, load_system_file
from flows.house import House
from flows.people import Newcomer, disable, enrol
from flows.settings import Settings
from playbooks.coverage_parts import ClientRecord, Staff
from playbooks.errors import NotFound
from playbooks.library import SHIPPED_PLAYBOOKS, Library, load_playbooks
from store.database import Store
from store.tables import Client

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = date(2026, 11, 21)
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def furnished(store: Store) -> Store:
    """A store with the clients and the data map of the examples."""
    with store.writing() as session:
        import_clients(session, load_client_file(EXAMPLES / "clients.yaml"), "tests", NOON)
        import_systems(session, load_system_file(EXAMPLES / "datamap.yaml"), "tests", NOON)
    return store


@cache
def library() -> Library:
    """The shipped playbooks, read once for all of these tests."""
    return load_playbooks()


def house_on(store: Store, folder: Path) -> House:
    house = House(Settings.from_env({"SEVENTYTWO_DATA": str(folder)}), store)
    vars(house)["playbooks"] = library()
    return house


def test_clients_are_read_with_contract_contacts_and_systems(furnished: Store) -> None:
    with furnished.reading() as session:
        retail, bank, own = client_records(session)
    assert retail == ClientRecord(
        "client-7",
        jurisdictions=frozenset({"EU", "UK"}),
        status=frozenset({"none"}),
        has_hours=True,
        contacts={"client_controller": 2},
        systems=2,
        categories_known=False,
    )
    assert (bank.systems, bank.categories_known, bank.logged) == (2, False, True)
    assert (own.own, own.our_role, own.has_hours, own.systems) == (True, "controller", False, 1)
    assert own.contacts == {"supervisory_authority": 2}


def test_those_who_left_or_play_exercises_only_do_not_count(store: Store) -> None:
    def add(session: Session, handle: str, *clients: str, period: int = 30) -> None:
        newcomer = Newcomer(handle, "Test", ("it",), clients, code_period=period)
        enrol(session, newcomer, ["it-1"], NOON)

    with store.writing() as session:
        for handle in ("it-1", "it-2"):
            add(session, handle)
        add(session, "drill-1", period=1)
        disable(session, "it-2", "it-1", NOON)
    with store.reading() as session:
        assert staff(session) == [Staff("it-1", frozenset({"it"}))]


def test_a_shipped_playbook_is_read_with_its_roles_and_notices() -> None:
    kind = kind_of(library()["data-exfiltration"])
    assert kind.notices["client_controller"] == "notice-client"
    assert {"privacy", "forensics"} <= kind.roles
    assert "gdpr" in kind.regimes
    assert "approver" in kind.roles  # whose word releases every notice
    assert kind.last_test is None


def test_the_house_is_scored_kind_by_kind_and_can_be_narrowed(
    furnished: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = house_on(furnished, tmp_path)
    with furnished.reading() as session:
        whole = read_coverage(house, session, TODAY)
        one = read_coverage(house, session, TODAY, client="client-8", kind="phishing")
    assert {row.kind for row in whole.rows} == {path.stem for path in SHIPPED_PLAYBOOKS.glob("*.yaml")}
    assert {row.client for row in whole.rows} == {"client-7", "client-8", "own-staff"}
    assert {(row.kind, row.client) for row in one.rows} == {("phishing", "client-8")}
    assert "nobody holds the role it" in [trip.what for trip in whole.trips]
    show_coverage(whole, as_json=False)
    assert "never exercised: 3 clients (15 points each in" in capsys.readouterr().out
    show_coverage(one, as_json=True)
    assert '"client": "client-8"' in capsys.readouterr().out


def test_a_client_has_the_same_rows_alone_as_among_all(furnished: Store, tmp_path: Path) -> None:
    house = house_on(furnished, tmp_path)
    with furnished.writing() as session:
        session.add(Client(ref="unread", name="Unread", imported_at=NOON))
    with furnished.reading() as session:
        whole = read_coverage(house, session, TODAY, kind="phishing")
        for ref in {row.client for row in whole.rows}:
            alone = read_coverage(house, session, TODAY, kind="phishing", client=ref)
            assert alone.rows == tuple(row for row in whole.rows if row.client == ref), ref


@pytest.mark.parametrize("wrong", [{"client": "nobody"}, {"kind": "none"}])
def test_what_nobody_knows_is_said_so(sqlite_store: Store, tmp_path: Path, wrong: dict[str, str]) -> None:
    with sqlite_store.reading() as session, pytest.raises(NotFound):
        read_coverage(house_on(sqlite_store, tmp_path), session, TODAY, **wrong)
