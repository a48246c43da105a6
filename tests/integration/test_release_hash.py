"""A notice is released by whoever read it: the form wants what stands below the text at the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows.describing import describe
from flows.forms import build_form
from flows.specs import spec_of
from store.database import Store
from store.tables import Notice, Question
from tests.harness.law_walks import WORDS, LawWalk, begin_law_walk, client, ours


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An exercise with the notice to a client waiting for its release."""
    walk = begin_law_walk(
        sqlite_store, tmp_path, ours("EU"), client("shop", "processor", "EU"), concerned=("shop",)
    )
    walk.triage(clients=["shop"], our_role="processor", jurisdictions=["EU"])
    draft(walk)
    return walk


def draft(walk: LawWalk, **words: str) -> None:
    assert not walk.answer("tell-client", "draft", **(WORDS | words))


def notices(walk: LawWalk) -> list[Notice]:
    with walk.house.store.reading() as session:
        return sorted(session.exec(select(Notice)), key=lambda one: one.version)


def shown(walk: LawWalk, question: Question) -> str:
    """Everything that Prefect is given of a question."""
    with walk.house.store.reading() as session:
        incident = walk.incident(session)
        spec = spec_of(session, incident, question)
        return describe(walk.house, session, incident, question) + str(build_form(spec).model_json_schema())


@pytest.mark.parametrize("typed", ["", "unknown", "deadbeef", "0", "g" * 8, "\u0660" * 8])
def test_an_approval_without_the_right_hash_is_refused_with_what_to_do_and_asked_again(
    walk: LawWalk, typed: str
) -> None:
    fault = walk.answer("release", "approve", text_hash=typed)
    assert "read the text on its page at the desk" in fault
    assert notices(walk)[0].sha256[:8] not in fault + shown(walk, walk.asked("release"))
    assert [one.state for one in notices(walk)] == ["drafted"]
    assert walk.asked("release").attempt == 2
    assert not walk.answer("release", "approve")
    assert [one.state for one in notices(walk)] == ["accepted"]


def test_neither_more_nor_less_than_the_first_eight_characters_is_taken(walk: LawWalk) -> None:
    whole = notices(walk)[0].sha256
    for typed in (whole[:7], whole[:9], whole, whole[8:16]):
        assert "not the hash of this text" in walk.answer("release", "approve", text_hash=typed)


def test_case_and_spaces_do_not_matter(walk: LawWalk) -> None:
    first = notices(walk)[0].sha256[:8].upper()
    assert not walk.answer("release", "approve", text_hash=f"  {first[:4]} {first[4:]}\n")


def test_a_refusal_wants_no_hash(walk: LawWalk) -> None:
    assert not walk.answer("release", "refuse", text_hash="", reason="The number is missing.")
    assert [one.state for one in notices(walk)] == ["drafted"]


def test_the_hash_of_a_text_that_was_written_anew_releases_nothing(walk: LawWalk) -> None:
    old = notices(walk)[0].sha256[:8]
    assert not walk.answer("release", "refuse", reason="The number is missing.")
    draft(walk, nature="A list of 120 records was exported.")
    assert "not the hash" in walk.answer("release", "approve", text_hash=old)
    assert not walk.answer("release", "approve", text_hash=notices(walk)[1].sha256[:8])
    assert [one.state for one in notices(walk)] == ["superseded", "accepted"]


def test_the_form_links_to_the_text_and_shows_nothing_of_its_hash(walk: LawWalk) -> None:
    (notice,) = notices(walk)
    told = shown(walk, walk.asked("release"))
    assert f"/i/{walk.ref}/n/{notice.id}" in told
    assert notice.sha256[:8] not in told
