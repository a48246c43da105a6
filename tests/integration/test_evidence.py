"""Evidence taken in: whole or not at all, once, and no name in clear; on both databases."""

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
from sqlmodel import select

from flows.clock import wall_now
from flows.evidence import intake, manifest, moving
from flows.evidence.authority import Mandate
from flows.evidence.disposing import forget
from flows.evidence.items import Said
from flows.incidents import find_incident
from playbooks.errors import Mend, NotFound, Refused
from store.database import Store
from store.tables import CodeUse
from store.timeline import entries, verify
from tests.harness.evidence import Room, room_on

SEALED = ("Jane Example's list.csv", "/home/jane/list.csv", "because Jane Example said so")


@pytest.fixture
def room(store: Store, tmp_path: Path) -> Room:
    return room_on(store, tmp_path)


@pytest.fixture
def quick(sqlite_store: Store, tmp_path: Path) -> Room:
    """For what the database has no part in."""
    return room_on(sqlite_store, tmp_path)


def manifest_of(room: Room) -> tuple[manifest.Line, ...]:
    with room.house.store.reading() as session:
        return manifest.make(session, find_incident(session, room.ref))


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

    def test_a_name_that_is_no_text_is_spelled_out(self, quick: Room) -> None:
        path = os.fsdecode(os.fsencode(quick.folder) + b"/list-\xff.csv")
        Path(path).write_bytes(b"x")
        assert quick.add(Path(path)).title == "list-\\xff.csv"
        (line,) = manifest_of(quick)
        assert line.origin.endswith("list-\\xff.csv")
        with pytest.raises(Mend, match="no text"):
            intake.add_reference(quick.house, quick.ref, Said("", "shelf", tool="\udcff"), quick.by("it-1"))

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
