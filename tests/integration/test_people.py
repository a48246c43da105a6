"""Who may let whom in, whose word counts, and what a code is spent on; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlmodel import select

from flows import people
from flows.identity import spend
from flows.people import Enrolment, Newcomer, sponsors_needed
from flows.vouching import Vouched, Voucher, check_vouchers, spend_vouched
from playbooks.errors import Mend, NotFound, Refused
from store import timeline
from store.database import Store
from store.tables import CodeUse, Responder
from store.timeline import Verified

NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)


def newcomer(handle: str, *roles: str, clients: tuple[str, ...] = (), code_period: int = 30) -> Newcomer:
    return Newcomer(handle, f"Test of {handle}", roles or ("it",), clients, code_period=code_period)


def enrol(store: Store, who: Newcomer, *sponsors: str) -> Enrolment:
    with store.writing() as session:
        return people.enrol(session, who, sponsors, NOON)


def code_of(enrolment: Enrolment, at: datetime = NOON, period: int = 30) -> str:
    return pyotp.TOTP(enrolment.secret, interval=period).at(at)


def kinds(store: Store) -> list[str]:
    with store.reading() as session:
        return [entry.kind for entry in timeline.entries(session, timeline.HOUSE)]


def change(
    store: Store, voucher: Voucher, at: datetime = NOON, used_for: str = "a change"
) -> tuple[str, ...]:
    vouched = check_vouchers(store, (voucher,), at)
    with store.writing() as session:
        return spend_vouched(session, vouched, used_for, at)


class TestEnrolling:
    @pytest.mark.parametrize(
        ("roles", "enrolled", "needed"),
        [
            (["it"], 0, 0),
            (["approver"], 0, 0),
            (["approver"], 1, 1),
            (["it"], 5, 1),
            (["it", "approver"], 2, 2),
        ],
    )
    def test_the_first_needs_nobody_and_an_approver_two(
        self, roles: list[str], enrolled: int, needed: int
    ) -> None:
        assert sponsors_needed(roles, enrolled) == needed

    def test_the_first_enters_an_empty_store_and_the_second_needs_a_sponsor(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        with pytest.raises(Refused):
            enrol(store, newcomer("it-1"))
        enrol(store, newcomer("it-1"), "commander-1")
        assert kinds(store) == ["responder_enrolled", "responder_enrolled"]

    def test_an_approver_is_not_made_by_one_person_named_twice(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        enrol(store, newcomer("it-1"), "commander-1")
        with pytest.raises(Refused):
            enrol(store, newcomer("approver-1", "approver"), "commander-1", "commander-1")
        assert enrol(store, newcomer("approver-1", "approver"), "commander-1", "it-1").handle == "approver-1"

    def test_a_disabled_person_still_counts_so_that_nobody_is_ever_alone_enough(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        enrol(store, newcomer("it-1"), "commander-1")
        with store.writing() as session:
            people.disable(session, "it-1", "commander-1", NOON)
        with pytest.raises(Refused):
            enrol(store, newcomer("approver-1", "approver"), "commander-1")

    def test_a_refused_enrolment_leaves_nothing(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        with pytest.raises(NotFound):
            enrol(store, newcomer("it-1", clients=("nobody",)), "commander-1")
        with pytest.raises(Refused):
            enrol(store, newcomer("commander-1"), "commander-1")
        assert kinds(store) == ["responder_enrolled"]

    @pytest.mark.parametrize(
        "who",
        [
            newcomer("IT-1"),
            newcomer("x"),
            newcomer("house"),
            newcomer("it-1\x1b[31m"),
            newcomer("it-1", "chief"),
            newcomer("it-1", "it", "it"),
            Newcomer("it-1", " ", ("it",)),
            Newcomer("it-1", "a\nb", ("it",)),
            Newcomer("it-1", "Test", ()),
            Newcomer("it-1", "Test", ("it",), slack_id="<!channel>"),
            newcomer("it-1", code_period=0),
        ],
    )
    def test_what_cannot_be_a_responder_is_named(self, sqlite_store: Store, who: Newcomer) -> None:
        with pytest.raises(Mend):
            enrol(sqlite_store, who)

    def test_name_and_secret_are_sealed_in_the_database(self, store: Store) -> None:
        enrolment = enrol(store, newcomer("commander-1", "commander"))
        with store.engine.connect() as connection:
            stored = str(connection.exec_driver_sql("select * from responder").all())
        assert "commander-1" in stored
        assert enrolment.secret not in stored
        assert "Test of" not in stored


class TestDisabling:
    def test_the_last_responder_stays(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        with store.writing() as session, pytest.raises(Refused):
            people.disable(session, "commander-1", "commander-1", NOON)

    def test_a_disabled_responder_vouches_for_nothing(self, store: Store) -> None:
        first = enrol(store, newcomer("commander-1", "commander"))
        enrol(store, newcomer("it-1"), "commander-1")
        with store.writing() as session:
            people.disable(session, "commander-1", "it-1", NOON)
        with pytest.raises(Refused):
            check_vouchers(store, (Voucher("commander-1", code_of(first)),), NOON)

    def test_disabling_twice_or_nobody_is_refused(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        enrol(store, newcomer("it-1"), "commander-1")
        with store.writing() as session:
            people.disable(session, "it-1", "commander-1", NOON)
        with store.writing() as session, pytest.raises(Refused):
            people.disable(session, "it-1", "commander-1", NOON)
        with store.writing() as session, pytest.raises(NotFound):
            people.disable(session, "it-9", "commander-1", NOON)


class TestCodes:
    def test_a_right_code_counts_once_and_its_replay_knows_it(self, store: Store) -> None:
        voucher = Voucher("commander-1", code_of(enrol(store, newcomer("commander-1", "commander"))))
        assert change(store, voucher, used_for="answer 1") == ("commander-1",)
        assert change(store, voucher, used_for="answer 1") == ("commander-1",)
        with pytest.raises(Refused, match="wait for the next one"):
            change(store, voucher, used_for="answer 2")
        with store.reading() as session:
            assert [use.used_for for use in session.exec(select(CodeUse))] == ["answer 1"]

    def test_a_use_seen_only_at_the_key_is_refused_without_losing_the_transaction(self, store: Store) -> None:
        enrolment = enrol(store, newcomer("commander-1", "commander"))
        (vouched,) = check_vouchers(store, (Voucher("commander-1", code_of(enrolment)),), NOON)
        with store.writing() as session:
            responder = session.get_one(Responder, vouched.responder_id)
            spend(session, responder, vouched.counter, "answer 1", NOON)
            with pytest.raises(Refused):
                spend(session, responder, vouched.counter, "answer 2", NOON)
            spend(session, responder, vouched.counter + 1, "answer 2", NOON)
        with store.reading() as session:
            assert len(session.exec(select(CodeUse)).all()) == 2

    def test_a_change_that_fails_gives_its_code_back(self, store: Store) -> None:
        voucher = Voucher("commander-1", code_of(enrol(store, newcomer("commander-1", "commander"))))
        (vouched,) = check_vouchers(store, (voucher,), NOON)

        def enrol_nobody() -> None:
            with store.writing() as session:
                spend_vouched(session, (vouched,), "a change", NOON)
                people.enrol(session, newcomer("NOT A HANDLE"), ("commander-1",), NOON)

        with pytest.raises(Mend):
            enrol_nobody()
        assert change(store, voucher) == ("commander-1",)

    def test_a_wrong_code_is_written_down_and_slows(self, store: Store) -> None:
        enrolment = enrol(store, newcomer("commander-1", "commander"))
        for wrong in range(3):
            with pytest.raises(Refused, match="does not fit"):
                check_vouchers(store, (Voucher("commander-1", "abc"),), NOON + timedelta(seconds=10 * wrong))
        last = NOON + timedelta(seconds=20)
        with pytest.raises(Refused, match="wait 3 s"):
            check_vouchers(
                store, (Voucher("commander-1", code_of(enrolment, last)),), last + timedelta(seconds=1)
            )
        later = last + timedelta(seconds=4)
        assert change(store, Voucher("commander-1", code_of(enrolment, later)), later) == ("commander-1",)
        assert kinds(store).count("code_refused") == 3

    def test_a_stranger_is_told_the_same_as_a_wrong_code(self, store: Store) -> None:
        enrol(store, newcomer("commander-1", "commander"))
        with pytest.raises(Refused) as stranger:
            check_vouchers(store, (Voucher("nobody", "123456"),), NOON)
        with pytest.raises(Refused) as wrong:
            check_vouchers(store, (Voucher("commander-1", "abc"),), NOON)
        assert stranger.value.what == wrong.value.what
        with store.reading() as session:
            assert isinstance(timeline.verify(session, timeline.HOUSE), Verified)

    def test_nobody_vouches_twice_for_one_change(self, sqlite_store: Store) -> None:
        enrolment = enrol(sqlite_store, newcomer("commander-1", "commander"))
        voucher = Voucher("commander-1", code_of(enrolment))
        with pytest.raises(Refused, match="two different people"):
            check_vouchers(sqlite_store, (voucher, voucher), NOON)

    def test_the_house_is_not_changed_by_who_is_enrolled_for_exercises(self, sqlite_store: Store) -> None:
        enrolment = enrol(sqlite_store, newcomer("commander-1", "commander", code_period=1))
        with pytest.raises(Refused, match="exercises only"):
            change(sqlite_store, Voucher("commander-1", code_of(enrolment, period=1)))

    def test_the_house_is_not_changed_by_who_sees_some_clients_only(self, sqlite_store: Store) -> None:
        enrolment = enrol(sqlite_store, newcomer("commander-1", "commander"))
        (vouched,) = check_vouchers(sqlite_store, (Voucher("commander-1", code_of(enrolment)),), NOON)
        with sqlite_store.writing() as session:
            responder = session.get_one(Responder, vouched.responder_id)
            responder.clients = ["example-retail"]
            session.add(responder)
        with pytest.raises(Refused, match="some clients only"), sqlite_store.writing() as session:
            spend_vouched(
                session, (Vouched("commander-1", vouched.responder_id, vouched.counter),), "x", NOON
            )
