"""Staff and board are told inside, by no law: opened by the commander or the plan, released and proved."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from playbooks.models import Step
from store.database import Store
from store.tables import Client, Contact, Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    begun = begin_law_walk(
        sqlite_store, tmp_path, ours("EU"), client("shop", "processor", "EU"), concerned=("shop",)
    )
    with begun.house.store.writing() as session:
        own = session.exec(select(Client).where(Client.own)).one()
        session.add(
            Contact(
                client_id=own.id or 0,
                purpose="staff",
                position=0,
                name="Staff list",
                channel="email",
                address="staff@example.com",
                imported_at=begun.now,
            )
        )
    begun.triage(clients=["shop"], our_role="processor", jurisdictions=["EU"])
    return begun


def notice_to(walk: LawWalk, template: str) -> Notice:
    with walk.house.store.reading() as session:
        return session.exec(select(Notice).where(Notice.template == template)).one()


@pytest.mark.parametrize(("who", "name"), [("staff", "Staff list"), ("board", "The board")])
def test_the_commander_tells_those_inside_and_no_law_takes_it_back(
    walk: LawWalk, who: str, name: str
) -> None:
    assert not walk.command("tell_again", about=who)
    walk.review()
    assert walk.asked(who).role == "privacy"
    assert not walk.answer(who, "draft", **WORDS)
    walk.review()
    assert not walk.answer("release", "approve")
    notice = notice_to(walk, who)
    assert (notice.state, notice.recipient, notice.obligations) == ("accepted", name, [])
    assert notice.receipt
    assert "shop" not in notice.text
    assert not walk.is_asked(who)


def test_a_notice_to_people_or_authorities_is_never_privileged() -> None:
    said = {"id": "tell", "title": "Tell", "kind": "notice", "role": "privacy", "target": "4h"}
    said |= {"template": "notice-other", "instructions": "Say it."}
    assert Step.model_validate({**said, "recipient": "board", "privileged": True}).privileged
    for recipient in ("data_subjects", "supervisory_authority", "media"):
        with pytest.raises(ValueError, match="never privileged"):
            Step.model_validate({**said, "recipient": recipient, "privileged": True})
