"""Whatever speaks of an exercise says that it is one, on every surface; nothing of a real incident does."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.register.entries import Asked, read_register
from store.database import Store
from store.tables import Notice, Responder
from tests.harness.desks import desk_on
from tests.harness.earnest import Reached, begin_earnest
from tests.harness.law_walks import WORDS
from tests.harness.slack_desks import slack_desk
from tests.harness.surfaces import surfaces_of
from tests.harness.walks import Walk, begin_walk

MARK = re.compile(r"\bexercise\b", re.IGNORECASE)
STYLE = re.compile(r"<style>.*?</style>| class=\"[^\"]*\"", re.DOTALL)
KINDS = {"run of step", "run of command", "form of step", "form of command", "message", "notice", "brief"}


def kind_of(surface: str) -> str:
    return re.sub(r" [0-9a-f]{6,}.*| \d+.*", "", surface)


def is_marked(text: str) -> bool:
    """Whether the words that are seen say it; the names of styles do not count."""
    return bool(MARK.search(STYLE.sub("", text)))


def pages_of(walk: Walk, wanted: list[str]) -> dict[str, str]:
    """Pages of the desk as the commander sees them."""
    with walk.house.store.reading() as session:
        who = session.exec(select(Responder).where(Responder.handle == "commander-1")).one()
    with desk_on(walk.house) as desk, desk.reader() as browser:
        desk.wall = wall_now() + timedelta(hours=1)  # the walk has spent the codes of now
        code = pyotp.TOTP(who.secret, interval=who.code_period).at(desk.wall)
        asked = browser.post(
            wanted[0], data={"handle": who.handle, "code": code}, headers={"origin": desk.url}
        )
        assert asked.status_code == 303, asked.text
        found = {path: browser.get(path) for path in wanted}
    assert {answer.status_code for answer in found.values()} == {200}
    return {path: answer.text for path, answer in found.items()}


def test_every_surface_of_an_exercise_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_walk(sqlite_store, tmp_path, title="A bulk export", alert="A bulk export")
    walk.words["tell-client"] = {**WORDS, "late_reasons": "Nobody was on duty."}
    walk.to("tell-client")
    walk.settle(walk.question("tell-client"))
    walk.settle(walk.asked("release"))
    with sqlite_store.reading() as session:
        number = session.exec(select(Notice.id)).first()
    told = surfaces_of(walk.house, walk.ref, tmp_path / "out")
    told |= pages_of(walk, [f"/i/{walk.ref}", f"/i/{walk.ref}/n/{number}"])
    assert {kind_of(name) for name in told} >= KINDS
    assert not [name for name, text in told.items() if not is_marked(text)]
    assert not read_register(walk.house, Asked()).lines


def test_no_surface_of_a_real_incident_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    reached = Reached("example-retail", (("phone", "The privacy desk", "+1 555 0100"),))
    walk = begin_earnest(sqlite_store, tmp_path, {}, reached)
    told = surfaces_of(walk.house, walk.ref, tmp_path / "out") | pages_of(walk, [f"/i/{walk.ref}"])
    assert {kind_of(name) for name in told} >= KINDS - {"notice"}
    assert not [name for name, text in told.items() if is_marked(text)]


@pytest.mark.parametrize("action", ["note", "snooze"])
def test_what_slack_opens_for_a_press_says_so(action: str, sqlite_store: Store, tmp_path: Path) -> None:
    with slack_desk(sqlite_store, tmp_path) as desk:
        question = desk.question()
        desk.send(desk.slack.press("U0IT", action, question.ref))
        shown = (
            str(desk.slack.expect_view(1))
            if action == "note"
            else desk.slack.expect_whisper("", user="U0IT").shown
        )
        assert "EXERCISE" in shown
