"""Evidence handed on, held and disposed of, by whom it may be; on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from flows.clock import wall_now
from flows.evidence import disposing, examining, intake, moving
from flows.evidence.custody import prove
from flows.evidence.disposing import forget
from flows.evidence.items import items_of
from flows.exercise.supporting import enrol_scripted
from flows.incidents import find_incident
from playbooks.errors import Mend, NotFound, Refused, Unreachable
from store.database import Store
from store.tables import Evidence, Responder
from tests.harness.evidence import Room, room_on


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return room_on(store, tmp_path)


@pytest.fixture
def quick(sqlite_store: Store, tmp_path: Path) -> Room:
    """For what the database has no part in."""
    return room_on(sqlite_store, tmp_path)


class TestCustody:
    def test_a_transfer_names_the_new_custodian_for_good(self, room: Room) -> None:
        room.add()
        moving.transfer(room.house, room.ref, ["E1"], "forensics-1", "to the laboratory", room.by("it-1"))
        assert room.item().custodian == "forensics-1"
        (_, entry) = room.custody()
        assert (entry.kind, entry.by, entry.to, entry.why) == (
            "transferred",
            "it-1",
            "forensics-1",
            "to the laboratory",
        )

    def test_only_its_custodian_or_a_role_hands_it_on(self, quick: Room) -> None:
        quick.add(by="it-1")
        with pytest.raises(Refused, match="or its custodian it-1"):
            moving.transfer(quick.house, quick.ref, ["E1"], "it-2", "so", quick.by("it-2"))
        moving.transfer(quick.house, quick.ref, ["E1"], "it-2", "so", quick.by("forensics-1"))

    def test_nobody_scripted_for_an_exercise_holds_evidence_of_a_real_incident(self, quick: Room) -> None:
        quick.add()
        with quick.house.store.writing() as session:
            enrol_scripted(session, "EX-2026-0001", ("it",), "it-1", wall_now())
        with pytest.raises(Refused, match="for exercises only"):
            moving.transfer(quick.house, quick.ref, ["E1"], "ex-2026-0001-it", "so", quick.by("it-1"))

    @pytest.mark.parametrize(
        ("to", "why", "fault"),
        [
            ("nobody", "so", "no such active responder"),
            ("it-1", "so", "already"),
            ("it-2", " ", "needs a reason"),
            ("lead-a", "so", "may not see"),
        ],
    )
    def test_a_transfer_that_cannot_be_changes_nothing(
        self, quick: Room, to: str, why: str, fault: str
    ) -> None:
        quick.add(case_ref="B")
        with pytest.raises((Mend, NotFound, Refused), match=fault):
            moving.transfer(quick.house, quick.ref, ["E1"], to, why, quick.by("it-1"))
        assert len(quick.custody()) == 1

    def test_every_entry_is_proved_by_the_timeline_and_an_edit_shows(self, room: Room) -> None:
        room.add()
        moving.transfer(room.house, room.ref, ["E1"], "forensics-1", "to the laboratory", room.by("it-1"))
        moving.hold(room.house, room.ref, ["E1"], "a claim", room.by("commander-1"))
        assert self.faults(room) == []
        self.sql(room, "UPDATE custody SET \"to\" = 'it-2' WHERE seq = 2")
        assert "differs from entry 2 of the timeline" in self.faults(room)
        self.sql(room, "DELETE FROM custody WHERE seq = 2")
        assert "entry 2 is in the timeline, and lost here" in self.faults(room)
        self.sql(room, "UPDATE evidence SET sha256 = 'ff'")
        assert "the hash of the item is not the one it came in with" in self.faults(room)

    def test_an_entry_beside_the_timeline_shows(self, quick: Room) -> None:
        quick.add()
        self.sql(
            quick,
            'INSERT INTO custody (evidence_id, seq, kind, "by", "to", why, sha256, at, recorded_at) '
            "SELECT evidence_id, 2, 'held', \"by\", '', why, '', at, recorded_at FROM custody",
        )
        assert "not in the timeline" in self.faults(quick)

    @pytest.mark.parametrize(
        ("edit", "fault"),
        [
            ("custodian = 'it-2'", "the custodian of the item is not whom it was handed to last"),
            ("held = true", "the legal hold of the item is not what was entered last"),
            ("disposed_at = recorded_at", "the item is disposed of in one place and not in the other"),
            ("case_ref = 'B'", "differs from entry 1 of the timeline"),
        ],
    )
    def test_what_the_row_says_otherwise_than_its_entries_shows(
        self, room: Room, edit: str, fault: str
    ) -> None:
        room.add(case_ref="A")
        assert self.faults(room) == []
        self.sql(room, f"UPDATE evidence SET {edit}")
        assert self.faults(room) == [fault]

    def test_a_lost_entry_stays_lost_also_after_the_next_one(self, room: Room) -> None:
        room.add()
        moving.transfer(room.house, room.ref, ["E1"], "forensics-1", "so", room.by("it-1"))
        self.sql(room, "DELETE FROM custody WHERE seq = 2")
        examining.verify(room.house, room.ref, ["E1"], room.by("forensics-1"))
        assert "entry 2 is in the timeline another time, as entry 2 there" in self.faults(room)

    def test_with_an_entry_gone_from_the_middle_work_goes_on_and_it_shows(self, room: Room) -> None:
        room.add()
        moving.transfer(room.house, room.ref, ["E1"], "forensics-1", "so", room.by("it-1"))
        self.sql(room, "DELETE FROM custody WHERE seq = 1")
        (found,) = examining.verify(room.house, room.ref, ["E1"], room.by("forensics-1"))
        assert "entry 1 is in the timeline, and lost here" in found.faults

    def test_an_item_that_is_gone_is_told_by_name(self, room: Room) -> None:
        room.add()
        room.add(room.file("other", b"x"))
        self.sql(room, "DELETE FROM custody WHERE evidence_id = (SELECT id FROM evidence WHERE number = 2)")
        self.sql(room, "DELETE FROM evidence WHERE number = 2")
        first, second = examining.verify(room.house, room.ref, [], room.by("forensics-1"))
        assert (first.faults, second.name) == ((), "E2")
        assert second.faults == ("the timeline tells of it, and it is lost here",)
        room.add(room.file("third", b"y"))
        with room.house.store.reading() as session:
            incident = find_incident(session, room.ref)
            _, missing = prove(session, incident, items_of(session, incident)[1])
        assert missing == ["entry 1 is in the timeline another time, as entry 2 there"]

    def test_a_broken_timeline_proves_no_custody(self, quick: Room) -> None:
        quick.add()
        with quick.house.store.engine.begin() as connection:
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("UPDATE timeline SET author = 'it-2'"))
        (found,) = examining.verify(quick.house, quick.ref, ["E1"], quick.by("forensics-1"))
        assert any("the timeline is broken at entry 1" in fault for fault in found.faults)

    def faults(self, room: Room) -> list[str]:
        with room.house.store.reading() as session:
            incident = find_incident(session, room.ref)
            proven, missing = prove(session, incident, items_of(session, incident)[0])
        return [one.fault for one in proven if one.fault] + missing

    def sql(self, room: Room, statement: str) -> None:
        with room.house.store.engine.begin() as connection:
            connection.execute(text(statement))


class TestSight:
    def test_who_sees_one_client_sees_that_case_alone(self, room: Room) -> None:
        room.add(case_ref="A", by="it-1")
        room.add(case_ref="B", by="it-1")
        room.add(by="it-1")
        with pytest.raises(NotFound, match="no such evidence"):
            moving.transfer(room.house, room.ref, ["E2"], "it-2", "so", room.by("lead-a"))
        with pytest.raises(NotFound, match="no such evidence"):
            moving.transfer(room.house, room.ref, ["E3"], "it-2", "so", room.by("lead-a"))
        moving.transfer(room.house, room.ref, ["E1"], "lead-a", "so", room.by("it-1"))
        moving.transfer(room.house, room.ref, ["E1"], "it-2", "so", room.by("lead-a"))

    @pytest.mark.parametrize("case_ref", ["", "B"])
    def test_who_sees_one_client_brings_evidence_of_that_case_alone(self, quick: Room, case_ref: str) -> None:
        with pytest.raises(Refused, match="name a case of theirs"):
            quick.add(by="lead-a", case_ref=case_ref)
        assert quick.in_vault() == []
        assert quick.add(by="lead-a", case_ref="A").number == 1

    def test_somebody_kept_out_is_told_of_no_such_incident(self, room: Room) -> None:
        room.add()
        with room.house.store.deciding(room.ref) as (session, incident):
            session.execute(
                text(
                    'INSERT INTO exclusion (incident_id, handle, "by", why, at) '
                    "SELECT :incident, 'it-2', 'commander-1', secret, enrolled_at FROM responder "
                    "WHERE handle = 'it-2'"
                ),
                {"incident": incident.id},
            )
        with pytest.raises(NotFound, match="no such incident"):
            room.add(room.file("other", b"x"), by="it-2")
        with pytest.raises(Refused, match="may not see"):
            moving.transfer(room.house, room.ref, ["E1"], "it-2", "so", room.by("it-1"))

    def test_a_code_of_the_drill_does_not_count(self, quick: Room) -> None:
        with quick.house.store.writing() as session:
            row = session.exec(select(Responder).where(Responder.handle == "it-1")).one()
            row.code_period = 1
            session.add(row)
        with pytest.raises(Refused, match="exercises only"):
            quick.add()


class TestHoldAndDisposal:
    def test_nothing_disposes_of_what_is_held(self, room: Room) -> None:
        room.add()
        room.add(room.file("other", b"x"))
        moving.hold(room.house, room.ref, ["E1"], "a claim", room.by("commander-1"))
        with pytest.raises(Refused, match="under legal hold"):
            room.dispose("E1", "E2")
        assert [item.disposed_at for item in room.items()] == [None, None]
        with pytest.raises(Refused, match="already"):
            moving.hold(room.house, room.ref, ["E1"], "a claim", room.by("commander-1"))

    def test_one_edit_of_a_row_frees_nothing_for_disposal(self, room: Room) -> None:
        room.add()
        moving.hold(room.house, room.ref, ["E1"], "a claim", room.by("commander-1"))
        for edit in ("UPDATE evidence SET held = false", "DELETE FROM custody WHERE kind = 'held'"):
            with room.house.store.engine.begin() as connection:
                connection.execute(text(edit))
            with pytest.raises(Refused, match="under legal hold"):
                room.dispose("E1")
        moving.release(room.house, room.ref, ["E1"], "settled", room.by("it-1", "privacy-1"))
        room.dispose("E1")
        assert room.in_vault() == []

    def test_of_two_items_disposed_of_at_once_no_byte_stays_behind(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = room.add()
        room.add(origin="host-2")
        by = [room.by("privacy-1", "it-1"), room.by("privacy-1", "it-1")]
        disposing.dispose(room.house, room.ref, ["E1"], "over", by[0])
        is_needed = disposing._is_needed

        def while_the_other_is_disposed_of(*args: Any) -> bool:
            found = is_needed(*args)
            if by[1:]:
                disposing.dispose(room.house, room.ref, ["E2"], "over", by.pop())
            return found

        monkeypatch.setattr(disposing, "_is_needed", while_the_other_is_disposed_of)
        forget(room.house, item.stored)
        disposing.tidy(room.house)
        assert room.in_vault() == []
        assert {one.stored for one in room.items()} == {""}

    def test_what_another_item_needs_stays_in_reach_while_one_is_disposed_of(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room.add()
        room.add(origin="host-2")
        moved: list[str] = []
        monkeypatch.setattr(type(room.vault), "set_aside", lambda _, name: moved.append(name))
        room.dispose("E1")
        assert moved == []

    def test_a_hold_ends_by_two_and_then_disposal_works(self, room: Room) -> None:
        room.add()
        moving.hold(room.house, room.ref, ["E1"], "a claim", room.by("commander-1"))
        with pytest.raises(Refused, match="second person"):
            moving.release(room.house, room.ref, ["E1"], "settled", room.by("commander-1"))
        with pytest.raises(Refused, match="not this responder's"):
            moving.release(room.house, room.ref, ["E1"], "settled", room.by("it-1", "it-2"))
        moving.release(room.house, room.ref, ["E1"], "settled", room.by("it-1", "privacy-1"))
        room.dispose("E1")
        assert [entry.kind for entry in room.custody()] == ["collected", "held", "released", "disposed"]
        assert room.custody()[-1].to == "with it-1"
        assert room.in_vault() == []

    def test_disposal_keeps_the_bytes_that_another_item_has(self, room: Room) -> None:
        room.add()
        other = room.add(origin="host-2")
        room.dispose("E1")
        assert b"".join(room.vault.read(other.stored)) == room.file().read_bytes()
        room.dispose("E2")
        assert room.in_vault() == []

    def test_a_disposal_that_a_crash_cut_short_is_finished_by_the_next_command(self, room: Room) -> None:
        item = room.add()
        with room.house.store.writing() as session:
            row = session.get_one(Evidence, item.id)
            row.disposed_at = wall_now()
            session.add(row)
        assert len(room.in_vault()) == 1
        room.add(room.file("other", b"x"))
        assert len(room.in_vault()) == 1
        assert room.item(1).stored == ""

    def test_a_crash_after_setting_aside_loses_nothing_that_is_needed(self, room: Room) -> None:
        gone, kept = room.add(), room.add(origin="host-2")
        with room.house.store.writing() as session:
            row = session.get_one(Evidence, gone.id)
            row.disposed_at = wall_now()
            session.add(row)
        room.vault.set_aside(gone.stored)
        room.add(room.file("other", b"x"))
        assert room.vault.holds(kept.stored)

    def test_with_the_store_away_at_that_moment_bytes_come_back(
        self, quick: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = quick.add()

        def away(*_: object) -> bool:
            raise Unreachable("the database did not answer in time")

        with monkeypatch.context() as patched:
            patched.setattr(disposing, "_is_needed", away)
            with pytest.raises(Unreachable):
                forget(quick.house, item.stored)
        assert quick.vault.holds(item.stored)

    def test_bytes_set_aside_by_what_died_come_back_with_the_next_reading(self, room: Room) -> None:
        item = room.add()
        room.vault.set_aside(item.stored)
        (found,) = examining.verify(room.house, room.ref, [], room.by("forensics-1"))
        assert not found.faults

    def test_an_intake_during_a_disposal_of_the_same_content_keeps_its_bytes(
        self, quick: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = quick.add()
        record = intake._record

        def while_another_disposes(*args: Any) -> Evidence:
            quick.dispose("E1")
            return record(*args)

        monkeypatch.setattr(intake, "_record", while_another_disposes)
        again = quick.add(origin="host-2")
        assert again.stored == item.stored
        assert quick.vault.holds(again.stored)

    def test_what_was_disposed_of_may_come_in_again_and_answers_nothing_else(self, room: Room) -> None:
        room.add()
        room.dispose("E1")
        for act in (
            lambda: room.dispose("E1"),
            lambda: moving.hold(room.house, room.ref, ["E1"], "so", room.by("commander-1")),
            lambda: self.export(room),
        ):
            with pytest.raises(Refused, match="disposed of"):
                act()
        assert room.add().number == 2

    def export(self, room: Room) -> None:
        to = room.folder / "copy"
        examining.export(room.house, room.ref, "E1", to, "so", room.by("forensics-1"))
