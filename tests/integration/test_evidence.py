"""Evidence on its way: taken in, handed on, proved, held, copied out, disposed of; on both databases."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from flows.actions.evidence import snapshot_alert
from flows.clock import wall_now
from flows.deciding import deciding
from flows.evidence import disposing, examining, intake, manifest, moving
from flows.evidence.authority import Mandate
from flows.evidence.custody import prove
from flows.evidence.disposing import forget
from flows.evidence.items import Said, items_of
from flows.incidents import find_incident
from playbooks.errors import Mend, NotFound, Refused, SetupFault, TellHuman, Unreachable
from store.database import Store
from store.tables import Alert, CodeUse, Evidence, Message, Responder, Source
from store.timeline import entries, verify
from tests.harness.evidence import Room, room_on
from tests.harness.incidents import NOW

SEALED = ("Jane Example's list.csv", "/home/jane/list.csv", "because Jane Example said so")


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return room_on(store, tmp_path)


@pytest.fixture
def quick(sqlite_store: Store, tmp_path: Path) -> Room:
    """For what the database has no part in."""
    return room_on(sqlite_store, tmp_path)


class TestIntake:
    def test_a_file_is_recorded_with_its_hash_and_its_first_entry(self, room: Room) -> None:
        path = room.file(content=b"a,b\n")
        item = room.add(path, title="The list", tool="scp", case_ref="B", step_id="look")
        assert (item.number, item.kind, item.size, item.media_type) == (1, "file", 4, "text/csv")
        assert item.sha256 == hashlib.sha256(b"a,b\n").hexdigest()
        assert (item.custodian, item.collected_by, item.origin) == ("it-1", "it-1", str(path))
        assert b"".join(room.vault.read(item.stored)) == b"a,b\n"
        (first,) = room.custody()
        assert (first.seq, first.kind, first.by, first.sha256) == (1, "collected", "it-1", item.sha256)
        assert room.kinds() == ["evidence_secured"]
        with room.house.store.reading() as session:
            assert not hasattr(verify(session, room.ref), "why")
            assert entries(session, room.ref)[0].case_ref == "B"

    def test_an_empty_file_is_evidence(self, quick: Room) -> None:
        item = quick.add(quick.file(content=b""))
        assert (item.size, item.sha256) == (0, hashlib.sha256(b"").hexdigest())

    def test_numbers_follow_one_another(self, room: Room) -> None:
        room.add(room.file("a", b"a"))
        reference = intake.add_reference(room.house, room.ref, Said("", "shelf 3"), room.by("it-1"))
        assert (reference.number, reference.kind, reference.sha256, reference.stored) == (
            2,
            "reference",
            "",
            "",
        )
        assert room.add(room.file("b", b"b")).number == 3

    def test_the_same_file_again_is_said_and_not_doubled(self, room: Room) -> None:
        room.add()
        with pytest.raises(Refused, match=r"here already.*E1"):
            room.add()
        assert len(room.items()) == len(room.in_vault()) == 1

    def test_of_those_who_bring_the_same_file_at_once_one_does_and_numbers_have_no_gap(
        self, room: Room
    ) -> None:
        paths = [room.file("same"), room.file("same"), room.file("b", b"b"), room.file("c", b"c")]
        together = Barrier(len(paths))

        def bring(path: Path) -> int | None:
            together.wait(timeout=30)
            try:
                return room.add(path).number
            except Refused:
                return None

        with ThreadPoolExecutor(len(paths)) as people:
            numbers = list(people.map(bring, paths))
        assert sorted(number for number in numbers if number) == [1, 2, 3]
        assert len(room.in_vault()) == 3
        with room.house.store.reading() as session:
            assert not hasattr(verify(session, room.ref), "why")

    def test_the_same_content_from_elsewhere_or_of_another_case_is_another_item_stored_once(
        self, room: Room
    ) -> None:
        items = [room.add(), room.add(origin="host-2:/tmp/list"), room.add(case_ref="A")]
        assert len({item.stored for item in items}) == len(room.in_vault()) == 1

    def test_no_name_of_a_file_or_person_stands_in_clear(self, quick: Room) -> None:
        title, origin, why = SEALED
        quick.add(quick.file(title), by="it-1", title=title, origin=origin)
        moving.hold(quick.house, quick.ref, ["E1"], why, quick.by("commander-1"))
        found = (quick.folder / "store.db").read_bytes()
        found += b"".join(path.read_bytes() for path in quick.folder.glob("store.db-*"))
        assert b"collected" in found
        assert not [word for word in SEALED if word.encode() in found or word[:12].encode() in found]

    def test_the_timeline_holds_references_alone(self, quick: Room) -> None:
        title, origin, why = SEALED
        quick.add(quick.file(title), title=title, origin=origin)
        moving.transfer(quick.house, quick.ref, ["E1"], "forensics-1", why, quick.by("it-1"))
        with quick.house.store.reading() as session:
            told = "".join(str(entry.payload) for entry in entries(session, quick.ref))
        assert "E1" in told
        assert not [word for word in SEALED if word in told]

    def test_a_changing_file_leaves_neither_row_nor_bytes(
        self, quick: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = quick.file(content=os.urandom(3_000_000))
        put = type(quick.vault).put

        def while_somebody_writes(vault: Any, read: Callable[[int], bytes]) -> Any:
            def slow(size: int) -> bytes:
                with path.open("ab") as file:
                    file.write(b"x")
                return read(size)

            return put(vault, slow)

        monkeypatch.setattr(type(quick.vault), "put", while_somebody_writes)
        with pytest.raises(Mend, match="nothing was recorded"):
            quick.add(path)
        assert (quick.items(), quick.in_vault(), quick.kinds()) == ([], [], [])

    def test_a_crash_between_vault_and_commit_is_mended_by_giving_the_file_again(self, room: Room) -> None:
        path = room.file()
        kept = room.vault.put(BytesIO(path.read_bytes()).read)  # where the process died
        assert room.add(path).stored == kept.name
        assert len(room.in_vault()) == 1

    def test_a_refusal_after_the_bytes_were_taken_takes_them_out_again(
        self, quick: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(intake, "_look_ahead", lambda *_: None)
        with pytest.raises(NotFound, match="no such case"):
            quick.add(case_ref="Z")
        assert quick.in_vault() == []

    def test_a_refusal_spares_bytes_that_another_item_has(
        self, quick: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = quick.add()
        monkeypatch.setattr(intake, "_look_ahead", lambda *_: None)
        with pytest.raises(NotFound):
            quick.add(case_ref="Z")
        forget(quick.house, item.stored)
        assert quick.vault.holds(item.stored)

    @pytest.mark.parametrize(
        ("said", "fault"),
        [
            ({"case_ref": "Z"}, "no such case.*A, B"),
            ({"step_id": "leap"}, "no such step.*look"),
            ({"custodian": "nobody"}, "no such active responder"),
            ({"collected_by": "nobody"}, "no such responder"),
            ({"collected_at": datetime.now(UTC) + timedelta(days=1)}, "in the future"),
            ({"tool": "x" * 121}, "the tool is too long"),
            ({"title": "x" * 201}, "the title is too long"),
        ],
    )
    def test_what_cannot_be_is_said_before_the_file_is_read(
        self, quick: Room, said: dict[str, Any], fault: str
    ) -> None:
        with pytest.raises((Mend, NotFound), match=fault):
            quick.add(quick.folder / "not-there", **said)

    def test_who_took_it_and_when_may_be_somebody_else_before(self, room: Room) -> None:
        earlier = wall_now() - timedelta(hours=3)
        said = Said("", "desk 4", collected_by="it-2", collected_at=earlier, custodian="forensics-1")
        intake.add_reference(room.house, room.ref, said, room.by("it-1"))
        (first,) = room.custody()
        assert (first.by, first.to, first.at) == ("it-2", "forensics-1", earlier)
        with room.house.store.reading() as session:
            assert entries(session, room.ref)[0].author == "it-1"

    def test_a_code_counts_with_its_intake_only(self, room: Room) -> None:
        mandate = room.by("it-1")
        with pytest.raises(NotFound):
            intake.add_reference(room.house, room.ref, Said("", "shelf", case_ref="Z"), mandate)
        intake.add_reference(room.house, room.ref, Said("", "shelf"), mandate)
        with pytest.raises(Refused, match="spent"):
            intake.add_reference(room.house, room.ref, Said("", "box"), Mandate(mandate.vouched, "another"))
        with room.house.store.reading() as session:
            assert len(session.exec(select(CodeUse)).all()) == 1


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
        assert self.faults(room) == ["differs from entry 2 of the timeline"]
        self.sql(room, "DELETE FROM custody WHERE seq = 2")
        assert self.faults(room) == ["entry 2 is in the timeline, and lost here"]
        self.sql(room, "UPDATE evidence SET sha256 = 'ff'")
        assert "the hash of the item is not the one it came in with" in self.faults(room)

    def test_an_entry_beside_the_timeline_shows(self, quick: Room) -> None:
        quick.add()
        self.sql(
            quick,
            'INSERT INTO custody (evidence_id, seq, kind, "by", "to", why, sha256, at, recorded_at) '
            "SELECT evidence_id, 2, 'held', \"by\", '', why, '', at, recorded_at FROM custody",
        )
        assert self.faults(quick) == ["not in the timeline"]

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


class TestExamining:
    def test_sound_evidence_verifies_and_says_so_in_its_custody(self, room: Room) -> None:
        item = room.add()
        intake.add_reference(room.house, room.ref, Said("", "shelf"), room.by("it-1"))
        (found,) = examining.verify(room.house, room.ref, [], room.by("forensics-1"))
        assert (found.name, found.sha256, found.faults) == ("E1", item.sha256, ())
        assert [(one.kind, one.sha256, one.why) for one in room.custody()][1:] == [
            ("verified", item.sha256, "unchanged")
        ]

    def test_tampered_bytes_are_a_loud_finding(self, room: Room) -> None:
        room.add()
        (path,) = room.in_vault()
        sealed = bytearray(path.read_bytes())
        sealed[-1] ^= 1
        path.write_bytes(sealed)
        (found,) = examining.verify(room.house, room.ref, ["E1"], room.by("forensics-1"))
        assert "edited" in found.faults[0]
        assert "edited" in room.custody()[-1].why
        with room.house.store.reading() as session:
            (message,) = session.exec(select(Message)).all()
            assert "E1 does not verify" in message.fields["text"]

    def test_lost_bytes_are_a_loud_finding(self, quick: Room) -> None:
        quick.add()
        quick.in_vault()[0].unlink()
        (found,) = examining.verify(quick.house, quick.ref, ["E1"], quick.by("forensics-1"))
        assert "lacks" in found.faults[0]

    def test_a_reference_cannot_be_verified(self, quick: Room) -> None:
        intake.add_reference(quick.house, quick.ref, Said("", "shelf"), quick.by("it-1"))
        with pytest.raises(Refused, match="nothing of it is kept"):
            examining.verify(quick.house, quick.ref, ["E1"], quick.by("forensics-1"))

    def test_a_copy_is_for_its_owner_alone_and_its_entry_comes_first(self, room: Room) -> None:
        item = room.add()
        to = room.folder / "copy.csv"
        digest = examining.export(room.house, room.ref, "E1", to, "for the court", room.by("forensics-1"))
        assert (digest, to.read_bytes()) == (item.sha256, b"a,b\n1,2\n")
        assert to.stat().st_mode & 0o777 == 0o600
        entry = room.custody()[-1]
        assert (entry.kind, entry.by, entry.sha256) == ("accessed", "forensics-1", item.sha256)
        assert str(to) in entry.why

    def test_a_copy_replaces_nothing(self, quick: Room) -> None:
        quick.add()
        for to in (quick.file("there"), quick.folder / "dangling"):
            if to.name == "dangling":
                to.symlink_to("nowhere")
            with pytest.raises(Mend, match="already"):
                examining.export(quick.house, quick.ref, "E1", to, "so", quick.by("forensics-1"))
        assert len(quick.custody()) == 1

    def test_a_place_that_cannot_be_written_is_said_before_anything_is_entered(self, quick: Room) -> None:
        quick.add()
        to = quick.folder / "nowhere" / "copy"
        with pytest.raises(SetupFault, match="cannot be written"):
            examining.export(quick.house, quick.ref, "E1", to, "so", quick.by("forensics-1"))
        assert len(quick.custody()) == 1

    def test_of_tampered_bytes_no_copy_remains_and_the_access_is_told_with_its_end(self, room: Room) -> None:
        room.add(room.file(content=os.urandom(3_000_000)))
        (path,) = room.in_vault()
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(TellHuman):
            examining.export(room.house, room.ref, "E1", room.folder / "copy", "so", room.by("forensics-1"))
        assert sorted(one.name for one in room.folder.iterdir() if "copy" in one.name) == []
        assert [(one.kind, one.by) for one in room.custody()[1:]] == [
            ("accessed", "forensics-1"),
            ("accessed", "system"),
        ]
        assert "no copy came of" in room.custody()[-1].why

    def test_a_bystander_copies_nothing_out(self, quick: Room) -> None:
        quick.add(by="it-1")
        with pytest.raises(Refused, match="commander, forensics"):
            examining.export(quick.house, quick.ref, "E1", quick.folder / "copy", "so", quick.by("it-2"))


class TestSnapshot:
    @pytest.fixture
    def alerted(self, room: Room) -> Room:
        with room.house.store.deciding(room.ref) as (session, incident):
            source = Source(name="s", kind="generic", auth="hmac", secret="s", playbook="small", added_at=NOW)
            session.add(source)
            session.flush()
            session.add(
                Alert(
                    source_id=source.id, fingerprint="f", status="open", content="c", severity="high",
                    title="Jane Example's mail", payload={"who": "jane@example.com"},
                    incident_id=incident.id, first_seen_at=NOW, last_seen_at=NOW,
                )
            )  # fmt: skip
        return room

    def snapshot(self, room: Room) -> None:
        with deciding(room.house, room.ref) as decision:
            assert snapshot_alert(decision, {}) == {"alerts": 1}

    def test_an_alert_becomes_a_record_with_its_first_entry_once(self, alerted: Room) -> None:
        self.snapshot(alerted)
        self.snapshot(alerted)
        (item,) = alerted.items()
        assert (item.kind, item.title, item.custodian) == ("record", "Jane Example's mail", "system")
        assert item.sha256 == hashlib.sha256(b'{"who":"jane@example.com"}').hexdigest()
        assert [one.kind for one in alerted.custody()] == ["collected"]
        assert alerted.kinds() == ["evidence_secured"]

    def test_a_record_verifies_until_the_alert_is_edited(self, alerted: Room) -> None:
        self.snapshot(alerted)
        assert not examining.verify(alerted.house, alerted.ref, [], alerted.by("forensics-1"))[0].faults
        with alerted.house.store.writing() as session:
            alert = session.exec(select(Alert)).one()
            alert.payload = {"who": "somebody else"}
            session.add(alert)
        (found,) = examining.verify(alerted.house, alerted.ref, [], alerted.by("forensics-1"))
        assert found.faults == ("its content has another hash",)
        self.snapshot(alerted)
        assert [item.number for item in alerted.items()] == [1, 2]


class TestManifest:
    def test_it_lists_every_item_with_its_custody_and_starts_no_formula(self, room: Room) -> None:
        room.add(title="=HYPERLINK()", case_ref="A")
        room.add(room.file("b", b"b"), case_ref="B")
        with room.house.store.reading() as session:
            incident = find_incident(session, room.ref)
            whole, of_case = manifest.make(session, incident), manifest.make(session, incident, "B")
        assert [line.evidence for line in whole] == ["E1", "E2"]
        assert [line.evidence for line in of_case] == ["E2"]
        assert whole[0].custody[0].what == "collected"
        assert "'=HYPERLINK()" in manifest.render_csv(whole)
        assert whole[0].sha256 in manifest.render_json(whole)
