"""Evidence read again: verified, copied out, recorded from alerts, listed; on both databases."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from sqlmodel import select

from flows.actions.evidence import snapshot_alert
from flows.deciding import deciding
from flows.evidence import examining, intake, manifest
from flows.evidence.items import Said
from flows.incidents import find_incident
from playbooks.errors import Mend, Refused, SetupFault, TellHuman
from store.database import Store
from store.tables import Alert, Message, Source
from tests.harness.evidence import Room, room_on
from tests.harness.incidents import NOW


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return room_on(store, tmp_path)


@pytest.fixture
def quick(sqlite_store: Store, tmp_path: Path) -> Room:
    """For what the database has no part in."""
    return room_on(sqlite_store, tmp_path)


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
            source = Source(name="s", kind="generic", auth="hmac", playbook="small", added_at=NOW)
            session.add(source)
            session.flush()
            session.add(
                Alert(
                    source_id=source.id, kind="generic", reading={}, fingerprint="f", status="open",
                    content="c", severity="high",
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
