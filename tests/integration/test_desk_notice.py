"""The page of one notice at the desk: the exact text, its hash, what changed, and for whose eyes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlmodel import col, select

from flows.clock import wall_now
from flows.desk.headers import HEADERS
from flows.notice_documents import hashes_of
from store.database import Store
from store.tables import Case, Client, ContractTerm, Notice, Responder, TimelineEntry
from tests.harness.desks import DeskUnderTest, desk_on
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours

HOSTILE = "<script>alert(1)</script> \u202egnp.exe {{ 7*7 }} A list of 120 records"


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An exercise about two clients, with the notice to the first drafted."""
    walk = begin_law_walk(
        sqlite_store,
        tmp_path,
        ours("EU"),
        client("shop", "processor", "EU"),
        client("bank", "processor", "EU"),
        concerned=("shop", "bank"),
    )
    walk.triage(clients=["shop", "bank"], our_role="processor", jurisdictions=["EU"])
    draft(walk)
    return walk


@pytest.fixture
def desk(walk: LawWalk) -> Iterator[DeskUnderTest]:
    with desk_on(walk.house) as desk:
        desk.wall = wall_now()
        yield desk


def draft(walk: LawWalk, **words: str) -> None:
    """Write the notice to the first client."""
    asked = next(one for one in walk.open() if one.case_ref == "A" and one.kind == "draft")
    assert not walk.give(asked, "draft", WORDS | words)


def written_anew(walk: LawWalk, **words: str) -> None:
    assert not walk.answer("release", "refuse", reason="Say it anew.")
    draft(walk, **words)


def notices(walk: LawWalk) -> list[Notice]:
    with walk.house.store.reading() as session:
        return sorted(session.exec(select(Notice)), key=lambda one: one.id or 0)


def limit(walk: LawWalk, handle: str, *clients: str) -> None:
    with walk.house.store.writing() as session:
        session.exec(select(Responder).where(Responder.handle == handle)).one().clients = list(clients)


def clients_of(walk: LawWalk) -> list[str]:
    """The clients of the cases, in the order of those."""
    with walk.house.store.reading() as session:
        rows = select(Client.ref).join(Case, col(Case.client_id) == col(Client.id)).order_by(col(Case.ref))
        return list(session.exec(rows))


def entered(desk: DeskUnderTest, walk: LawWalk, path: str, handle: str) -> httpx.Response:
    """Open a path as somebody, with a fresh code."""
    desk.later(seconds=100)
    code = pyotp.HOTP(walk.secrets[handle]).at(int(desk.wall.timestamp()))
    with desk.reader() as browser:
        return browser.post(path, data={"handle": handle, "code": code}, follow_redirects=True)


def page_of(walk: LawWalk, notice: Notice) -> str:
    return f"/i/{walk.ref}/n/{notice.id}"


def test_the_page_shows_the_text_whole_its_hash_and_the_clocks(desk: DeskUnderTest, walk: LawWalk) -> None:
    (notice,) = notices(walk)
    shown = entered(desk, walk, page_of(walk, notice), "approver-1")
    assert shown.status_code == 200
    assert {name: shown.headers[name] for name in HEADERS} == HEADERS
    text = shown.text
    assert all(line in text for line in notice.text.splitlines() if line.isalpha())
    assert WORDS["measures"] in text
    assert f"<strong>{notice.sha256[:8]}</strong>" in text
    assert all(f"<span>{notice.sha256[at : at + 8]}</span>" in text for at in range(8, 64, 8))
    assert text.index(WORDS["measures"]) < text.index(notice.sha256[:8]), "the hash stands below the text"
    assert "EU-GDPR-33-2" in text
    assert f'href="/q/{walk.asked("release").ref}"' in text
    assert "TLP:" in text
    assert "What changed" not in text


def test_the_incident_page_leads_there_and_shows_no_hash_beside_the_text(
    desk: DeskUnderTest, walk: LawWalk
) -> None:
    (notice,) = notices(walk)
    shown = entered(desk, walk, f"/i/{walk.ref}", "approver-1").text
    assert f'href="{page_of(walk, notice)}"' in shown
    assert notice.sha256 not in shown[shown.index("<h2>Notices</h2>") : shown.index("<h2>Timeline</h2>")]


def test_what_changed_stands_beside_the_text(desk: DeskUnderTest, walk: LawWalk) -> None:
    written_anew(walk, nature="A list of 120 records was exported.")
    first, second = notices(walk)
    text = entered(desk, walk, page_of(walk, second), "approver-1").text
    added = re.findall(r"<ins>.*?</ins>", text)
    assert any("120 " in one and "[added: " in one for one in added)
    assert f'href="{page_of(walk, first)}"' in text
    withdrawn = entered(desk, walk, page_of(walk, first), "approver-1").text
    assert "nobody can release it any more" in withdrawn
    assert "/q/" not in withdrawn


def test_hostile_words_stay_words(desk: DeskUnderTest, walk: LawWalk) -> None:
    written_anew(walk, nature="Anew.")
    with walk.house.store.writing() as session:  # past the form, which takes no such character
        notice = session.get_one(Notice, notices(walk)[-1].id)
        notice.text = notice.text.replace("Anew.", HOSTILE)
    text = entered(desk, walk, page_of(walk, notices(walk)[-1]), "approver-1").text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7*7 }}" in text
    assert "\u202e" not in text
    assert "It holds characters that no page shows" in text


def test_nobody_sees_it_unproved_and_a_reader_of_another_client_gets_what_a_wrong_number_gets(
    desk: DeskUnderTest, walk: LawWalk
) -> None:
    (notice,) = notices(walk)
    path = page_of(walk, notice)
    with desk.reader() as browser:
        asked = browser.get(path)
    assert asked.status_code == 401
    assert notice.sha256[:8] not in asked.text
    first, other = clients_of(walk)
    limit(walk, "it-1", other)
    kept = entered(desk, walk, path, "it-1")
    odd_ones = [f"/i/{walk.ref}/n/{odd}" for odd in ("999", "0", "-1", "1x", "9" * 30, "%D9%A1")]
    answers = [kept, *(entered(desk, walk, odd, "it-1") for odd in odd_ones)]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    limit(walk, "it-1", first)
    assert entered(desk, walk, path, "it-1").status_code == 200


def test_a_notice_of_another_incident_is_not_there(desk: DeskUnderTest, walk: LawWalk) -> None:
    (notice,) = notices(walk)
    assert entered(desk, walk, f"/i/INC-1999-0001/n/{notice.id}", "approver-1").status_code == 404


def test_what_is_about_all_clients_is_for_those_alone_who_see_them_all(
    desk: DeskUnderTest, walk: LawWalk
) -> None:
    with walk.house.store.writing() as session:
        notice = session.exec(select(Notice)).one()
        notice.case_ref = ""
    path = page_of(walk, notices(walk)[0])
    limit(walk, "it-1", "shop")
    limit(walk, "privacy-1", "shop", "bank")
    assert entered(desk, walk, path, "it-1").status_code == 404
    assert WORDS["measures"] not in entered(desk, walk, f"/i/{walk.ref}", "it-1").text
    assert entered(desk, walk, path, "privacy-1").status_code == 200


def test_a_look_is_written_down(desk: DeskUnderTest, walk: LawWalk) -> None:
    (notice,) = notices(walk)
    entered(desk, walk, page_of(walk, notice), "approver-1")
    with walk.house.store.reading() as session:
        rows = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "notice_read")).all()
    assert [(row.author, row.payload) for row in rows] == [
        ("approver-1", {"notice": notice.id, "version": 1})
    ]


def documents(walk: LawWalk, notice: Notice) -> dict[str, str]:
    """The hashes of a notice's documents, by kind."""
    with walk.house.store.reading() as session:
        return hashes_of(session, notice)


@pytest.mark.parametrize(
    ("kind", "media"), [("pdf", "application/pdf"), ("html", "text/html; charset=utf-8")]
)
def test_a_document_is_handed_out_as_a_file_with_the_bytes_that_its_hash_names(
    desk: DeskUnderTest, walk: LawWalk, kind: str, media: str
) -> None:
    (notice,) = notices(walk)
    path = f"{page_of(walk, notice)}.{kind}"
    page = entered(desk, walk, page_of(walk, notice), "approver-1").text
    assert f'href="{path}"' in page
    assert documents(walk, notice)[kind] in page
    handed = entered(desk, walk, path, "approver-1")
    assert handed.status_code == 200
    assert hashlib.sha256(handed.content).hexdigest() == documents(walk, notice)[kind]
    assert handed.headers["content-type"] == media
    named = f'attachment; filename="{walk.ref}-notice-{notice.id}-v1.{kind}"'
    assert handed.headers["content-disposition"] == named
    assert {name: handed.headers[name] for name in HEADERS} == HEADERS
    with walk.house.store.reading() as session:
        looks = session.exec(select(TimelineEntry).where(TimelineEntry.kind == f"notice_{kind}_read")).all()
        drafted = session.exec(select(TimelineEntry).where(TimelineEntry.kind == "notice_drafted")).one()
    assert [(row.author, row.payload) for row in looks] == [
        ("approver-1", {"notice": notice.id, "version": 1})
    ]
    assert drafted.payload is not None
    assert drafted.payload["documents"] == documents(walk, notice)


@pytest.mark.parametrize("kind", ["pdf", "html"])
def test_a_document_is_for_the_eyes_that_may_see_its_page_alone(
    desk: DeskUnderTest, walk: LawWalk, kind: str
) -> None:
    (notice,) = notices(walk)
    path = f"{page_of(walk, notice)}.{kind}"
    with desk.reader() as browser:
        assert browser.get(path).status_code == 401
    first, other = clients_of(walk)
    limit(walk, "it-1", other)
    odd_ones = [path, f"/i/{walk.ref}/n/999.{kind}", f"/i/{walk.ref}/n/x.{kind}", f"/i/INC-1/n/1.{kind}"]
    answers = [entered(desk, walk, odd, "it-1") for odd in odd_ones]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    limit(walk, "it-1", first)
    assert entered(desk, walk, path, "it-1").status_code == 200


def test_the_page_says_what_was_found_and_what_is_still_unknown(desk: DeskUnderTest, walk: LawWalk) -> None:
    written_anew(walk, nature="A list of 120 records was exported.")
    text = entered(desk, walk, page_of(walk, notices(walk)[-1]), "approver-1").text
    assert "an exact number where the facts know a range, or nothing" in text
    assert "records_affected is unknown" in text
    assert "<b>Still unknown:</b>" in text
    assert "Approximate number of people" in text
    release = entered(desk, walk, f"/q/{walk.asked('release').ref}", "approver-1")
    assert "records_affected is unknown" not in release.text


def test_the_page_of_the_incident_says_that_a_version_was_drafted_and_shows_no_hash_of_it(
    desk: DeskUnderTest, walk: LawWalk
) -> None:
    (notice,) = notices(walk)
    text = entered(desk, walk, f"/i/{walk.ref}", "approver-1").text
    assert "Notice drafted" in text
    assert notice.sha256[:8] not in text


def test_the_page_says_who_released_it_so_far_and_tells_them_that_another_must(
    desk: DeskUnderTest, walk: LawWalk
) -> None:
    first = clients_of(walk)[0]
    with walk.house.store.writing() as session:
        shop = session.exec(select(Client).where(Client.ref == first)).one()
        terms = {"approvals": 2}
        session.add(ContractTerm(client_id=shop.id, hours=24, terms=terms, imported_at=wall_now()))
    assert not walk.answer("release", "refuse", reason="Say it anew.")
    draft(walk)
    assert not walk.answer("release", "approve", by="approver-1")
    notice = notices(walk)[-1]
    page = entered(desk, walk, f"/i/{walk.ref}/n/{notice.id}", "approver-1").text
    assert "1 of 2 have released it: approver-1" in page
    assert "Somebody else must release it: you gave your word on it" in page
    text = entered(desk, walk, f"/i/{walk.ref}", "approver-2").text
    assert notice.sha256[:8] not in text
