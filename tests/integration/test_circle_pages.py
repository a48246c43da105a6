"""What a browser is shown of a circle: to its members the page, to everybody else that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.opening import Opening, open_incident
from store.database import Store
from store.tables import Incident, TimelineEntry
from tests.harness.desks import DeskUnderTest, desk_on
from tests.harness.stocks import play
from tests.harness.sweeps import CAST_OF_TWO, GRAVE
from tests.harness.walks import Walk, begin_walk

OUT = "it-2"


@pytest.fixture
def secret(sqlite_store: Store, tmp_path: Path) -> Walk:
    """A restricted incident."""
    walk = begin_walk(
        sqlite_store,
        tmp_path,
        title="A matter about a colleague",
        alert="a",
        playbook="secret-affair",
        library=play("every-key"),
        cast=CAST_OF_TWO,
    )
    walk.facts = {**GRAVE, "restorable": "yes"}
    return walk


@pytest.fixture
def desk(secret: Walk) -> Iterator[DeskUnderTest]:
    with desk_on(secret.house) as desk:
        desk.wall = wall_now()
        yield desk


def keep_out(walk: Walk, handle: str = OUT) -> None:
    assert not walk.command("exclude", to_whom=handle, reason="A conflict of interest.")


def history(walk: Walk, kind: str) -> list[TimelineEntry]:
    with walk.house.store.reading() as session:
        return list(session.exec(select(TimelineEntry).where(TimelineEntry.kind == kind)))


def enter(desk: DeskUnderTest, walk: Walk, path: str, handle: str) -> httpx.Response:
    """Open a path as somebody, with a fresh code."""
    desk.later(seconds=100)
    code = pyotp.HOTP(walk.secrets[handle]).at(int(desk.wall.timestamp()))
    with desk.reader() as browser:
        given = {"handle": handle, "code": code}
        return browser.post(path, data=given, follow_redirects=True)


def test_a_restricted_page_opens_for_those_who_are_asked_and_for_nobody_else(
    desk: DeskUnderTest, secret: Walk
) -> None:
    page = f"/i/{secret.ref}"
    assert enter(desk, secret, page, "commander-1").status_code == 200
    shown = enter(desk, secret, page, OUT)
    assert shown.status_code == 200
    assert "TLP:AMBER" in shown.text
    assert "Do not tell the colleague." in shown.text, "what to do stands on the page alone"
    unasked = enter(desk, secret, page, "privacy-1")
    keep_out(secret)
    kept = enter(desk, secret, page, OUT)
    none = enter(desk, secret, "/i/INC-1999-0001", OUT)
    assert {one.status_code for one in (unasked, kept, none)} == {404}
    assert unasked.text == kept.text == none.text
    assert [entry.author for entry in history(secret, "reader_kept_out")] == ["privacy-1", OUT]
    assert OUT in enter(desk, secret, page, "commander-1").text, "the circle sees who is kept out"


def test_a_link_into_a_circle_asks_who_comes_and_leads_outsiders_nowhere(
    desk: DeskUnderTest, secret: Walk
) -> None:
    ref = secret.question("look").ref
    with desk.reader() as browser:
        assert browser.get(f"/q/{ref}").status_code == 401
        none = browser.get("/q/0123456789abcdef")
    assert enter(desk, secret, f"/q/{ref}", OUT).status_code == 202
    keep_out(secret)
    kept = enter(desk, secret, f"/q/{ref}", OUT)
    unasked = enter(desk, secret, f"/q/{ref}", "privacy-1")
    assert kept.status_code == unasked.status_code == none.status_code == 404
    assert kept.text == unasked.text == none.text


def test_a_link_that_is_settled_tells_an_outsider_nothing_either(desk: DeskUnderTest, secret: Walk) -> None:
    ref = secret.question("look").ref
    keep_out(secret)
    assert not secret.answer("look")
    assert enter(desk, secret, f"/q/{ref}", OUT).status_code == 404
    assert enter(desk, secret, f"/q/{ref}", "commander-1").status_code == 410


def test_what_an_alert_was_in_before_is_shown_to_its_circle_only(desk: DeskUnderTest, secret: Walk) -> None:
    with secret.house.store.writing() as session:
        before = session.exec(select(Incident)).one()
        opening = Opening(
            "alert", before.playbook, "t", exercise_id=before.exercise_id, previous_id=before.id
        )
        later = open_incident(session, secret.house, opening, wall_now()).ref
    assert secret.ref in enter(desk, secret, f"/i/{later}", "it-1").text
    keep_out(secret, "it-1")
    assert secret.ref not in enter(desk, secret, f"/i/{later}", "it-1").text


def test_a_notice_bears_the_marking_of_its_step(desk: DeskUnderTest, secret: Walk) -> None:
    secret.settle(secret.to("tell-client"))
    shown = enter(desk, secret, f"/i/{secret.ref}", "commander-1").text
    assert "TLP:AMBER" in shown
    assert "TLP:RED" in shown


def test_every_look_is_written_down(desk: DeskUnderTest, secret: Walk) -> None:
    enter(desk, secret, f"/i/{secret.ref}", "commander-1")
    enter(desk, secret, f"/q/{secret.question('look').ref}", "it-1")
    assert [entry.author for entry in history(secret, "page_read")] == ["commander-1"]
    assert [entry.author for entry in history(secret, "link_followed")] == ["it-1"]
