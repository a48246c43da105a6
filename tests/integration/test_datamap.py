"""The data map in the store: whole or not at all, in versions, by two people where it would see less."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlmodel import col, select

from flows.clients.file import read_client_file
from flows.clients.importing import import_clients
from flows.datamap import findings as words
from flows.datamap.file import read_system_file
from flows.datamap.findings import Finding
from flows.datamap.importing import (
    Difference,
    differences,
    import_systems,
    load_system_file,
    vouchers_needed,
)
from flows.datamap.reading import map_findings, systems_in_force
from flows.people import Newcomer, enrol
from playbooks.errors import FileFaults, Refused, SetupFault
from store import timeline
from store.database import Store
from store.tables import DataSystem

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLE = (EXAMPLES / "datamap.yaml").read_text()
LISTS = "clients: [client-7, client-8], data_categories: [contact, card], jurisdictions: [EU]"
WHOLE = f"{{ref: crm, name: CRM, owner: it, {LISTS}, retention: 1 year, log_source: crm, notes: n}}"


def brought(
    store: Store, *listed: str, at: datetime = NOON, second: str = "", whole: bool = False
) -> tuple[Difference, ...]:
    text = listed[0] if listed[0].startswith(("#", "systems")) else f"systems: [{', '.join(listed)}]"
    with store.writing() as session:
        return import_systems(
            session, read_system_file(text, "map.yaml"), "commander-1", at, second=second, whole=whole
        )


def parts(changes: tuple[Difference, ...]) -> dict[str, tuple[str, ...]]:
    return {one.ref: one.parts for one in changes}


def versions(store: Store) -> list[tuple[str, int, datetime | None]]:
    with store.reading() as session:
        rows = session.exec(select(DataSystem).order_by(col(DataSystem.id))).all()
        return [(row.ref, row.version, row.superseded_at) for row in rows]


def peopled(store: Store) -> None:
    """Enrol two people, so that there is a second one to ask."""
    with store.writing() as session:
        for handle in ("commander-1", "privacy-1"):
            enrol(session, Newcomer(handle, "Test", ("commander",)), ["commander-1"], NOON)


def with_clients(store: Store) -> None:
    file = EXAMPLES / "clients.yaml"
    with store.writing() as session:
        import_clients(session, read_client_file(file.read_text(), file.name), "commander-1", NOON)


class TestImporting:
    def test_the_example_is_brought_in_and_read_back(self, store: Store) -> None:
        assert set(parts(brought(store, EXAMPLE))) == {
            "service-desk",
            "call-recordings",
            "loan-files",
            "hr-files",
        }
        with store.reading() as session:
            recordings = systems_in_force(session)[0]
        assert (recordings.ref, recordings.name, recordings.version) == (
            "call-recordings",
            "Recorded calls",
            1,
        )
        assert recordings.clients == ["client-7", "client-8"]
        assert recordings.categories == ["card", "communications", "unknown"]

    def test_the_same_file_again_makes_no_version_and_no_entry(self, store: Store) -> None:
        brought(store, EXAMPLE)
        assert brought(store, EXAMPLE, at=LATER) == ()
        assert {superseded for _, _, superseded in versions(store)} == {None}
        with store.reading() as session:
            assert [entry.kind for entry in timeline.entries(session, timeline.HOUSE)] == [
                "system_mapped"
            ] * 4

    def test_a_changed_system_is_a_new_version_and_the_others_stay(self, store: Store) -> None:
        other = "{ref: hr, name: HR}"
        brought(store, WHOLE, other)
        changed = brought(store, WHOLE.replace("1 year", "2 years"), other, at=LATER)
        assert parts(changed) == {"crm": ("retention",)}
        assert versions(store) == [("crm", 1, LATER), ("hr", 1, None), ("crm", 2, None)]
        with store.reading() as session:
            entry = timeline.entries(session, timeline.HOUSE)[-1]
        assert (entry.kind, entry.author, entry.payload) == (
            "system_changed",
            "commander-1",
            {"system": "crm", "version": 2, "parts": ["retention"]},
        )

    def test_systems_the_file_does_not_name_stay_unless_it_is_the_whole_map(self, store: Store) -> None:
        brought(store, WHOLE, "{ref: hr, name: HR}")
        assert brought(store, WHOLE, at=LATER) == ()
        (retired,) = brought(store, WHOLE, at=LATER, whole=True)
        assert (retired.ref, retired.said) == ("hr", None)
        assert versions(store) == [("crm", 1, None), ("hr", 1, LATER)]

    def test_a_system_that_was_retired_and_came_back_goes_on_counting_versions(self, store: Store) -> None:
        brought(store, WHOLE, "{ref: hr, name: HR}")
        brought(store, WHOLE, whole=True)
        brought(store, WHOLE, "{ref: hr, name: HR}")
        assert [row[:2] for row in versions(store)] == [("crm", 1), ("hr", 1), ("hr", 2)]

    def test_names_and_notes_are_sealed_in_the_database(self, store: Store) -> None:
        brought(store, EXAMPLE)
        with store.engine.connect() as connection:
            stored = str(connection.exec_driver_sql("select * from datasystem").all())
        assert "service-desk" in stored
        assert not [secret for secret in ("Customer service", "Team leads", "team leads") if secret in stored]

    def test_two_imports_at_once_make_one_version_after_the_other(self, store: Store) -> None:
        brought(store, WHOLE)
        ready, faults = Barrier(2), list[BaseException]()

        def bring(retention: str) -> None:
            ready.wait()
            try:
                brought(store, WHOLE.replace("1 year", retention))
            except BaseException as fault:  # noqa: BLE001 - told to the test, whatever it is
                faults.append(fault)

        both = [Thread(target=bring, args=(text,)) for text in ("2 years", "3 years")]
        for one in both:
            one.start()
        for one in both:
            one.join(30)
        assert not faults
        assert [row[:2] for row in versions(store)] == [("crm", 1), ("crm", 2), ("crm", 3)]


class TestTwoPeople:
    @pytest.mark.parametrize(
        "less",
        [
            WHOLE.replace("[client-7, client-8]", "[client-8]"),
            WHOLE.replace("[contact, card]", "[contact, health]"),
            WHOLE.replace("[EU]", "[]"),
            WHOLE.replace("log_source: crm", "log_source: other"),
            WHOLE.replace("log_source: crm, ", ""),
        ],
    )
    def test_a_known_system_that_would_hold_less_is_changed_by_two(self, store: Store, less: str) -> None:
        peopled(store)
        brought(store, WHOLE)
        with store.reading() as session:
            changes = differences(session, read_system_file(f"systems: [{less}]", "map.yaml"))
            assert vouchers_needed(session, changes) == 2
        with pytest.raises(Refused, match=r"second person.*crm"):
            brought(store, less, "{ref: hr, name: HR}")
        assert versions(store) == [("crm", 1, None)]
        brought(store, less, second="privacy-1")
        with store.reading() as session:
            entry = timeline.entries(session, timeline.HOUSE)[-1]
        assert entry.payload is not None
        assert entry.payload["second"] == "privacy-1"

    @pytest.mark.parametrize(
        "more",
        [
            WHOLE.replace("[client-7, client-8]", "[client-7, client-8, client-9]"),
            WHOLE.replace("[contact, card]", "[card, contact, health]"),
            WHOLE.replace("owner: it", "owner: desk").replace("1 year", "2 years").replace("CRM", "Desk"),
        ],
    )
    def test_what_a_known_system_holds_besides_is_added_by_one(self, sqlite_store: Store, more: str) -> None:
        peopled(sqlite_store)
        brought(sqlite_store, WHOLE)
        assert [one.weakens for one in brought(sqlite_store, more)] == [False]

    def test_a_first_log_for_a_system_is_named_by_one(self, sqlite_store: Store) -> None:
        peopled(sqlite_store)
        brought(sqlite_store, WHOLE.replace("log_source: crm, ", ""))
        assert parts(brought(sqlite_store, WHOLE)) == {"crm": ("log_source",)}

    def test_a_system_is_retired_by_two_and_nobody_vouches_twice(self, sqlite_store: Store) -> None:
        peopled(sqlite_store)
        brought(sqlite_store, WHOLE, "{ref: hr, name: HR}")
        for alone in ("", "commander-1"):
            with pytest.raises(Refused, match=r"second person.*hr"):
                brought(sqlite_store, WHOLE, whole=True, second=alone)
        brought(sqlite_store, WHOLE, whole=True, second="privacy-1")

    def test_where_nobody_else_was_ever_enrolled_one_is_enough(self, sqlite_store: Store) -> None:
        brought(sqlite_store, WHOLE)
        assert parts(brought(sqlite_store, WHOLE.replace("[EU]", "[]"))) == {"crm": ("jurisdictions",)}


class TestFindings:
    def test_the_examples_fit_together(self, sqlite_store: Store) -> None:
        with_clients(sqlite_store)
        brought(sqlite_store, EXAMPLE)
        with sqlite_store.reading() as session:
            logs = [row.log_source for row in systems_in_force(session)]
            assert map_findings(session, logs) == (Finding("call-recordings", words.NO_CATEGORIES),)

    def test_an_unknown_client_is_a_finding_and_blocks_nothing(self, sqlite_store: Store) -> None:
        brought(sqlite_store, WHOLE)
        with sqlite_store.reading() as session:
            found = map_findings(session, {"crm"})
        assert [one.what for one in found] == [
            "it names client-7, and there is no such client",
            "it names client-8, and there is no such client",
        ]


class TestFiles:
    def test_a_giant_is_refused_by_its_size_and_what_is_not_there_by_name(self, tmp_path: Path) -> None:
        (tmp_path / "large.csv").write_bytes(b"#" * 3_000_000)
        with pytest.raises(FileFaults, match="1 MB"):
            load_system_file(tmp_path / "large.csv")
        for path in (tmp_path, tmp_path / "none.yaml"):
            with pytest.raises(SetupFault, match="cannot be read"):
                load_system_file(path)
