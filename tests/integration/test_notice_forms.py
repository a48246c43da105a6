"""A round is written in the form of the duties that it meets, and its draft asks what the form lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows.describing import describe
from store.database import Store
from store.tables import Notice
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours

AUTHORITY = "csirt_or_competent_authority"


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    us = ours("EU", status=("nis2_entity",))
    walk = begin_law_walk(
        sqlite_store, tmp_path, client("retail", "processor", "EU"), us, concerned=("retail",)
    )
    walk.triage(
        clients=["retail"],
        our_role="processor",
        jurisdictions=["EU"],
        data_categories=["contact"],
        significant_incident="yes",
    )
    return walk


def last_notice(walk: LawWalk) -> Notice:
    with walk.house.store.reading() as session:
        return max(session.exec(select(Notice)), key=lambda one: one.id or 0)


def form_text(walk: LawWalk, about: str) -> str:
    with walk.house.store.reading() as session:
        return describe(walk.house, session, walk.incident(session), walk.asked(about))


def test_each_stage_is_written_in_its_own_form(walk: LawWalk) -> None:
    assert "say_is_cross_border" in walk.fields(AUTHORITY)
    assert "say_indicators" not in walk.fields(AUTHORITY)
    assert not walk.answer(AUTHORITY, "draft", **WORDS, say_is_cross_border="Austria too, perhaps.")
    notice = last_notice(walk)
    assert notice.template == "nis2-early-warning"
    assert "EARLY WARNING OF A SIGNIFICANT INCIDENT" in notice.text
    assert "Whether other states may be affected\n    Austria too, perhaps." in notice.text
    assert "Whether an unlawful or malicious act is suspected\n    Not yet known" in notice.text
    assert not walk.answer("release", "approve")
    assert "say_indicators" in walk.fields(AUTHORITY)


def test_a_client_is_told_in_its_language_and_the_approver_that_it_needs_a_native_reader(
    walk: LawWalk,
) -> None:
    assert not walk.answer("tell-client", "draft", **WORDS, language="de")
    notice = last_notice(walk)
    assert notice.template == "notice-client.de"
    assert "3. Wann es entdeckt wurde" in notice.text
    assert "Namen und Kontaktdaten" in notice.text
    told = form_text(walk, "release")
    assert "needs a native reader" in told
    assert "German" in told


def test_an_unknown_language_is_english_and_a_foreign_one_is_refused(walk: LawWalk) -> None:
    assert "Language" in walk.answer("tell-client", "draft", **WORDS, language="tlh")
    assert not walk.answer("tell-client", "draft", **WORDS)
    assert last_notice(walk).template == "notice-client"
    assert "native reader" not in form_text(walk, "release")
