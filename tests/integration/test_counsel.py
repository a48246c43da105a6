"""Counsel reads a notice before its release where a contract says so, and clears exactly that text."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.rounds import PRIVILEGED
from store.database import Store
from tests.harness.law_walks import LawWalk
from tests.integration.test_release_by_many import agree, draft, notices, releases, shown, states, walk_with


@pytest.fixture
def walk(sqlite_store: Store, tmp_path: Path) -> LawWalk:
    """An exercise with a notice to a client before counsel."""
    return walk_with(sqlite_store, tmp_path, people=1, counsel_review=True)


def test_a_notice_is_put_to_counsel_first_and_then_to_who_releases_it(walk: LawWalk) -> None:
    assert releases(walk) == []
    assert not walk.answer("counsel", "clear")
    (release,) = releases(walk)
    assert release.excluded == ["privacy-1", "counsel-1"]
    told = shown(walk, release)
    assert "counsel has cleared exactly this text" in told
    assert notices(walk)[0].sha256[:8] not in told
    assert not walk.answer("release", "approve")
    assert states(walk) == ["accepted"]


def test_counsel_clears_what_they_read(walk: LawWalk) -> None:
    assert "needs the hash" in walk.answer("counsel", "clear", text_hash="")
    assert notices(walk)[0].sha256[:8] not in shown(walk, walk.asked("counsel"))
    assert releases(walk) == []


@pytest.mark.parametrize("name", ["admits_more", "names_third"])
def test_what_says_too_much_is_not_clear(walk: LawWalk, name: str) -> None:
    assert "choose change" in walk.answer("counsel", "clear", **{name: "yes"})
    assert releases(walk) == []


def test_counsel_sends_it_back_with_the_words_to_change(walk: LawWalk) -> None:
    assert "needs a reason" in walk.answer("counsel", "change", reason="")
    assert not walk.answer(
        "counsel", "change", reason="It admits a fault.", words="was exported: may have been exported"
    )
    assert "was exported: may have been exported" in walk.asked("tell-client").fault
    draft(walk, nature="A list may have been exported.")
    told = shown(walk, walk.asked("counsel"))
    assert "refused before** by counsel-1: It admits a fault." in told
    assert releases(walk) == []


def test_what_is_privileged_is_written_anew_with_its_mark_and_another_hash(walk: LawWalk) -> None:
    before = notices(walk)[0]
    assert not walk.answer("counsel", "clear", privileged="yes")
    old, new = notices(walk)
    assert (old.state, new.state) == ("superseded", "drafted")
    assert new.sha256 != before.sha256
    assert new.is_privileged
    assert PRIVILEGED in new.text.splitlines()
    assert new.text.replace(f"{PRIVILEGED}\n", "") == before.text
    assert new.drafted_by == "privacy-1"
    assert "not the hash" in walk.answer("release", "approve", text_hash=before.sha256[:8])
    assert not walk.answer("release", "approve")
    assert states(walk) == ["superseded", "accepted"]


def test_facts_that_change_before_counsel_answers_send_it_back(walk: LawWalk) -> None:
    assert not walk.command("state", about="people_affected A", value="900")
    assert not walk.answer("counsel", "clear")
    assert "it was asked on other facts" in walk.asked("tell-client").fault
    assert releases(walk) == []


def test_time_running_out_on_counsel_names_the_next_and_clears_nothing(walk: LawWalk) -> None:
    walk.later(timedelta(hours=30))
    assert walk.asked("counsel").escalations == 3
    assert releases(walk) == []
    assert states(walk) == ["drafted"]


def test_who_wrote_it_does_not_clear_it(walk: LawWalk) -> None:
    assert walk.asked("counsel").excluded == ["privacy-1"]


def test_a_contract_that_wants_counsel_by_now_sends_a_release_back(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = walk_with(sqlite_store, tmp_path, people=1)
    agree(walk, counsel_review=True)
    assert not walk.answer("release", "approve")
    assert "wants counsel to read it first" in walk.asked("tell-client").fault
    draft(walk)
    assert walk.is_asked("counsel")
