"""Hypotheses in the store: proposed, spoken for and against, decided by who may, with the fact they state."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlmodel import select

from flows.asserting import add_cases, assert_facts
from flows.clock import wall_now
from flows.deciding import Decision, deciding
from flows.gathering import view_of
from flows.house import House
from flows.hypotheses import changing
from flows.hypotheses.deciding import DECIDERS, Asking, weighing
from flows.hypotheses.reading import Weighed, hypotheses_of, ranking
from flows.reported import Report, open_reported
from flows.settings import Settings
from flows.vouching import Voucher, check_vouchers
from playbooks.errors import Mend, NotFound, Refused
from playbooks.facts import UNKNOWN
from store import timeline
from store.database import Store
from store.tables import Client, Evidence, Exclusion, FactRow, Responder
from tests.harness.cast import Cast


class Room:
    """One incident of a house, and those who weigh what caused it."""

    def __init__(self, house: House, cast: Cast, ref: str) -> None:
        self.house, self.cast, self.ref = house, cast, ref

    def decides(self, handle: str, act: object, roles: frozenset[str] = frozenset()) -> None:
        """Let a responder act by command, as the console does."""
        (vouched,) = check_vouchers(self.house.store, (Voucher(handle, self.cast.code(handle)),), wall_now())
        asking = Asking(vouched, f"test:{handle}:{vouched.counter}")
        with weighing(self.house, self.ref, asking, roles) as (decision, author):
            act(decision, author)  # type: ignore[operator]

    def now(self) -> list[Weighed]:
        with self.house.store.reading() as session:
            return hypotheses_of(session, 1)

    def source(self) -> object:
        with self.house.store.reading() as session:
            return view_of(session, 1).known("source_kind")

    def kinds(self) -> list[str]:
        with self.house.store.reading() as session:
            entries = timeline.entries(session, self.ref)
        return [entry.kind for entry in entries if entry.kind.startswith("hypothesis")]

    def secure(self, number: int, ref: str = "") -> None:
        """Put an item of evidence into the incident."""
        with self.house.store.deciding(ref or self.ref) as (session, incident):
            assert incident.id is not None
            session.add(
                Evidence(
                    incident_id=incident.id, number=number, kind="reference", title="Log", origin="Host",
                    custodian="it-1", collected_by="it-1", collected_at=wall_now(), recorded_at=wall_now(),
                )
            )  # fmt: skip

    def weighed(self, *spoken: tuple[str, int]) -> None:
        """Two hypotheses, with a word for or against each number named."""
        with deciding(self.house, self.ref) as decision:
            changing.propose(decision, "insider", "Somebody with access.", "it-1")
            changing.propose(decision, "external", "Somebody without.", "it-1")
            for speaks, number in spoken:
                changing.speak(decision, number, speaks, "A word", "it-1")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def books() -> dict[str, object]:
    """Playbooks and law, read once for all houses of these tests."""
    return {}


@pytest.fixture
def room(store: Store, tmp_path: Path, books: dict[str, object]) -> Room:
    return furnished(store, tmp_path, books)


@pytest.fixture
def sqlite_room(sqlite_store: Store, tmp_path: Path, books: dict[str, object]) -> Room:
    return furnished(sqlite_store, tmp_path, books)


def furnished(store: Store, folder: Path, books: dict[str, object]) -> Room:
    settings = Settings.from_env(
        {"SEVENTYTWO_DATA": str(folder), "PREFECT_API_URL": "http://127.0.0.1:9/api"}
    )
    house, cast = House(settings, store), Cast()
    vars(house).update(books or {"trust": house.trust, "rules": house.rules})
    books |= {name: vars(house)[name] for name in ("trust", "rules")}
    with store.writing() as session:
        cast.enrol_all(session)
        for ref in ("client-7", "client-8"):
            session.add(Client(ref=ref, name=ref, imported_at=wall_now()))
    by = Voucher("commander-1", cast.code("commander-1"))
    ref = open_reported(house, Report("r", by, "data-exfiltration", clients=("client-7",)), wall_now())
    return Room(house, cast, ref)


class TestProposing:
    def test_the_kind_of_incident_proposes_its_own_once(self, room: Room) -> None:
        with deciding(room.house, room.ref) as decision:
            first = [row.number for row in changing.propose_starting(decision)]
            assert changing.propose_starting(decision) == []
        assert first == [1, 2, 3, 4]
        assert {one.hypothesis.opened_by for one in room.now()} == {"system"}

    def test_what_is_proposed_beside_them_is_numbered_on_and_noted(self, room: Room) -> None:
        room.decides("it-1", lambda d, by: changing.propose(d, "supplier", "  By the supplier.  ", by))
        (one,) = room.now()
        row = one.hypothesis
        assert (row.number, row.statement, row.state, row.opened_by) == (
            1,
            "By the supplier.",
            "open",
            "it-1",
        )
        assert room.kinds() == ["hypothesis_proposed"]

    @pytest.mark.parametrize(
        ("kind", "words"),
        [
            ("unknown_source", "Nobody knows."),
            ("sabotage", "Who knows."),
            ("insider", "  "),
            ("insider", "\x1b"),
        ],
    )
    def test_what_explains_nothing_is_refused(self, sqlite_room: Room, kind: str, words: str) -> None:
        with pytest.raises(Mend), deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.propose(decision, kind, words, "it-1")
        assert sqlite_room.now() == []

    def test_statements_notes_and_reasons_are_sealed(self, room: Room) -> None:
        room.weighed(("for", 1), ("against", 1))
        room.decides("forensics-1", lambda d, by: changing.accept(d, 1, by, "The badge log."))
        with room.house.store.engine.connect() as connection:
            stored = "".join(
                str(connection.exec_driver_sql(f"select * from {table}").all())
                for table in ("hypothesis", "hypothesisnote", "timeline")
            )
        assert "insider" in stored
        assert not [secret for secret in ("Somebody with", "A word", "badge log") if secret in stored]


class TestSpeaking:
    def test_notes_stand_in_their_order_with_evidence_and_author(self, room: Room) -> None:
        room.weighed()
        room.secure(3)
        room.decides("it-1", lambda d, by: changing.speak(d, 1, "for", "The log", by, evidence=3))
        room.decides("it-2", lambda d, by: changing.speak(d, 1, "against", "Off shift", by))
        notes = room.now()[0].notes
        assert [(n.seq, n.speaks, n.words, n.evidence, n.by) for n in notes] == [
            (1, "for", "The log", 3, "it-1"),
            (2, "against", "Off shift", None, "it-2"),
        ]

    def test_evidence_of_another_incident_is_not_evidence_here(self, sqlite_room: Room) -> None:
        sqlite_room.weighed()
        by = Voucher("commander-2", sqlite_room.cast.code("commander-2"))
        other = open_reported(sqlite_room.house, Report("s", by, "data-exfiltration"), wall_now())
        sqlite_room.secure(3, other)
        with pytest.raises(NotFound, match="E3"), deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.speak(decision, 1, "for", "The log", "it-1", evidence=3)

    def test_nobody_speaks_about_a_hypothesis_that_is_not_there(self, sqlite_room: Room) -> None:
        with pytest.raises(NotFound), deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.speak(decision, 1, "for", "The log", "it-1")


class TestDeciding:
    def test_the_accepted_one_states_the_fact_with_author_and_basis(self, room: Room) -> None:
        room.weighed(("for", 2))
        assert room.source() is UNKNOWN
        room.decides("forensics-1", lambda d, by: changing.accept(d, 2, by), DECIDERS)
        assert room.source() == "external"
        with room.house.store.reading() as session:
            fact = session.exec(select(FactRow).where(FactRow.name == "source_kind")).one()
        assert (fact.author, fact.basis) == ("forensics-1", "hypothesis 2")
        row = room.now()[1].hypothesis
        assert (row.state, row.decided_by) == ("accepted", "forensics-1")
        assert room.kinds()[-1] == "hypothesis_accepted"

    def test_nothing_is_accepted_while_nothing_speaks_for_it(self, room: Room) -> None:
        room.weighed(("against", 1))
        with (
            pytest.raises(Refused, match="nothing speaks for it"),
            deciding(room.house, room.ref) as decision,
        ):
            changing.accept(decision, 1, "forensics-1", "I am sure")
        assert room.source() is UNKNOWN

    def test_what_speaks_against_it_is_answered_with_a_reason(self, room: Room) -> None:
        room.weighed(("for", 1), ("against", 1))
        for silent in ("", "  "):
            with pytest.raises(Refused, match="not answered"), deciding(room.house, room.ref) as decision:
                changing.accept(decision, 1, "forensics-1", silent)
        with deciding(room.house, room.ref) as decision:
            changing.accept(decision, 1, "forensics-1", "The log's clock was wrong.")
        assert room.now()[0].hypothesis.why == "The log's clock was wrong."

    def test_accepting_another_sets_the_first_aside_and_says_why(self, room: Room) -> None:
        room.weighed(("for", 1), ("for", 2))
        for number in (1, 2):
            with deciding(room.house, room.ref) as decision:
                changing.accept(decision, number, "forensics-1")
        first, second = (one.hypothesis for one in room.now())
        assert (first.state, first.why, second.state) == (
            "set_aside",
            "hypothesis 2 was accepted",
            "accepted",
        )
        assert room.source() == "external"

    def test_the_accepted_one_set_aside_leaves_the_source_not_established(self, room: Room) -> None:
        room.weighed(("for", 1))
        with deciding(room.house, room.ref) as decision:
            changing.accept(decision, 1, "forensics-1")
        with deciding(room.house, room.ref) as decision:
            changing.set_aside(decision, 1, "forensics-1", "The account was cloned.")
        assert room.source() == "unknown_source"

    def test_what_a_form_said_since_is_not_taken_back_with_it(self, sqlite_room: Room) -> None:
        sqlite_room.weighed(("for", 1))
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.accept(decision, 1, "forensics-1")
            assert_facts(decision, {"source_kind": "mistake"}, author="it-1")
            changing.set_aside(decision, 1, "forensics-1", "It was a mistake.")
        assert sqlite_room.source() == "mistake"

    def test_one_that_was_never_accepted_takes_nothing_with_it(self, sqlite_room: Room) -> None:
        sqlite_room.weighed()
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            assert_facts(decision, {"source_kind": "insider"}, author="it-1")
            changing.set_aside(decision, 1, "forensics-1", "Another explanation fits.")
        assert sqlite_room.source() == "insider"

    @pytest.mark.parametrize("again", ["accepted", "set_aside"])
    def test_nothing_is_decided_twice_the_same_way(self, sqlite_room: Room, again: str) -> None:
        def decide(decision: Decision) -> None:
            if again == "accepted":
                changing.accept(decision, 1, "forensics-1")
            else:
                changing.set_aside(decision, 1, "forensics-1", "No.")

        sqlite_room.weighed(("for", 1))
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            decide(decision)
        with (
            pytest.raises(Refused, match="already"),
            deciding(sqlite_room.house, sqlite_room.ref) as decision,
        ):
            decide(decision)

    def test_what_is_said_against_it_afterwards_is_shown_as_missing(self, sqlite_room: Room) -> None:
        sqlite_room.weighed(("for", 1))
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.accept(decision, 1, "forensics-1")
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            changing.speak(decision, 1, "against", "Off shift", "it-1")
        first, _ = ranking(sqlite_room.now())
        assert "something was said against it after it was accepted" in first[0].gaps


class TestWhoMay:
    def test_only_commander_and_forensics_decide(self, room: Room) -> None:
        room.weighed(("for", 1))
        with pytest.raises(Refused, match=r"commander or forensics"):
            room.decides("it-1", lambda d, by: changing.accept(d, 1, by), DECIDERS)
        assert room.now()[0].hypothesis.state == "open"

    @pytest.mark.parametrize(
        ("clients", "error"),
        [(["client-8"], NotFound), (["client-7"], None), (["client-7", "client-8"], None)],
    )
    def test_who_sees_some_clients_weighs_only_what_is_about_them(
        self, sqlite_room: Room, clients: list[str], error: type[Exception] | None
    ) -> None:
        self.limit(sqlite_room, clients)
        if error is None:
            sqlite_room.decides("it-1", lambda d, by: changing.propose(d, "insider", "W", by))
        else:
            with pytest.raises(error):
                sqlite_room.decides("it-1", lambda d, by: changing.propose(d, "insider", "W", by))

    def test_who_sees_one_of_two_clients_does_not_weigh_for_both(self, sqlite_room: Room) -> None:
        with deciding(sqlite_room.house, sqlite_room.ref) as decision:
            add_cases(decision, ("client-8",), "it-1")
        self.limit(sqlite_room, ["client-7"])
        with pytest.raises(Refused, match="may not see"):
            sqlite_room.decides("it-1", lambda d, by: changing.propose(d, "insider", "W", by))

    def test_who_is_kept_out_of_the_circle_hears_of_no_such_incident(self, sqlite_room: Room) -> None:
        with sqlite_room.house.store.writing() as session:
            session.add(Exclusion(incident_id=1, handle="it-1", by="commander-1", at=wall_now()))
        with pytest.raises(NotFound, match="no such incident"):
            sqlite_room.decides("it-1", lambda d, by: changing.propose(d, "insider", "W", by))

    def test_who_is_enrolled_for_exercises_does_not_weigh_a_real_incident(self, sqlite_room: Room) -> None:
        with sqlite_room.house.store.writing() as session:
            sqlite_room.cast.enrol(session, "drill-1", "it", period=1)
        with pytest.raises(Refused, match="exercises only"):
            sqlite_room.decides("drill-1", lambda d, by: changing.propose(d, "insider", "W", by))

    def test_a_code_counts_once(self, sqlite_room: Room) -> None:
        house = sqlite_room.house
        code = Voucher("it-1", sqlite_room.cast.code("it-1"))
        for number, used_for in enumerate(("first", "second")):
            (vouched,) = check_vouchers(house.store, (code,), wall_now())
            asking = Asking(vouched, used_for)
            with (
                pytest.raises(Refused, match="spent") if number else nullcontext(),
                weighing(house, sqlite_room.ref, asking) as (decision, by),
            ):
                changing.propose(decision, "insider", "W", by)
        assert len(sqlite_room.now()) == 1

    def test_nothing_is_weighed_in_a_closed_incident(self, sqlite_room: Room) -> None:
        with sqlite_room.house.store.deciding(sqlite_room.ref) as (session, incident):
            incident.state = "closed"
            session.add(incident)
        with pytest.raises(Refused, match="closed"):
            sqlite_room.decides("it-1", lambda d, by: changing.propose(d, "insider", "W", by))

    def limit(self, room: Room, clients: list[str]) -> None:
        with room.house.store.writing() as session:
            responder = session.exec(select(Responder).where(Responder.handle == "it-1")).one()
            responder.clients = clients
            session.add(responder)
