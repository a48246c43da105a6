"""A card or identity number in what people say by a command is refused, and nothing of it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import SQLModel, func, select

from flows.action_items import close_action_item
from flows.clock import wall_now
from flows.deciding import deciding
from flows.evidence import disposing, moving
from flows.hypotheses import changing
from flows.merging.in_name import merge_in_name
from flows.reported import Report, open_reported
from flows.splitting import split_in_name
from flows.vouching import Vouched, Voucher
from playbooks.errors import Refused
from store.database import Store
from tests.harness.evidence import Room, room_on

CARD = "4111 1111 1111 1111"
SAID = f"The caller read out {CARD}."
BY = Vouched("commander-1", 1, 9_000)


def _propose(room: Room) -> None:
    with deciding(room.house, room.ref) as decision:
        changing.propose(decision, "mistake", SAID, "it-1")


def _report(room: Room) -> None:
    report = Report("key", Voucher("commander-1", "000000"), "small", title=SAID)
    open_reported(room.house, report, wall_now())


SAYINGS: dict[str, Callable[[Room], object]] = {
    "title: payment card number": lambda room: room.add(title=SAID),
    "origin: payment card number": lambda room: room.add(origin=SAID),
    "why: payment card number": lambda room: moving.hold(
        room.house, room.ref, ["E1"], SAID, room.by("commander-1")
    ),
    "why: payment card": lambda room: disposing.dispose(
        room.house, room.ref, ["E1"], SAID, room.by("privacy-1", "it-1")
    ),
    "words: payment card number": _propose,
    "title: payment card": _report,
    "evidence: payment card number": lambda room: close_action_item(room.house, "A-1", SAID, BY, "x"),
    "why: payment": lambda room: merge_in_name(room.house, room.ref, "INC-2026-0002", SAID, BY, "x"),
    "why: pay": lambda room: split_in_name(room.house, room.ref, [1], "", SAID, BY, "x"),
}


def _rows(room: Room) -> dict[str, int]:
    with room.house.store.reading() as session:
        counts = {one.name: select(func.count()).select_from(one) for one in SQLModel.metadata.sorted_tables}
        return {name: session.execute(count).scalar_one() for name, count in counts.items()}


@pytest.mark.parametrize("said", SAYINGS)
def test_a_number_in_the_words_of_a_command_is_refused_and_nothing_is_written(
    sqlite_store: Store, tmp_path: Path, said: str
) -> None:
    room = room_on(sqlite_store, tmp_path)
    room.add()
    before, stored = _rows(room), room.in_vault()
    with pytest.raises(Refused, match=said) as refused:
        SAYINGS[said](room)
    assert CARD not in str(refused.value)
    assert _rows(room) == before
    assert room.in_vault() == stored
