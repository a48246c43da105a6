"""`/incident …`: what each may know, to them alone, and a new incident by their code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.channel.commands import _told
from flows.clock import wall_now
from store.database import Store
from store.tables import Exclusion, Incident, Responder
from tests.harness.slack_desks import MEMBERS, TITLE, SlackDesk, slack_desk

NEUTRAL = "nothing of that name here"
NAMES = ("Example Retail", "Sample Bank", "example-retail", "sample-bank", "secret-title", TITLE)


@pytest.fixture
def room(sqlite_store: Store, tmp_path: Path) -> Iterator[SlackDesk]:
    with slack_desk(sqlite_store, tmp_path) as found:
        yield found


def code_of(room: SlackDesk, handle: str) -> str:
    with room.store.writing() as session:
        responder = session.exec(select(Responder).where(Responder.handle == handle)).one()
        responder.code_period = 30  # a real incident takes no short codes
        return pyotp.TOTP(responder.secret, interval=30).at(room.desk.wall)


def opened(room: SlackDesk) -> list[Incident]:
    with room.store.reading() as session:
        return [one for one in session.exec(select(Incident)) if one.ref != room.ref]


def test_what_is_open_is_listed_by_reference_alone(room: SlackDesk) -> None:
    told = room.command("it-1", "list")
    assert room.ref in told
    assert "next clock" in told
    assert "medium" in told
    assert not [name for name in NAMES if name in told]


def test_each_hears_of_their_own_questions(room: SlackDesk) -> None:
    question = room.question()
    assert question.ref in room.command("it-1", "mine")
    assert question.ref not in room.command("privacy-1", "mine")
    room.press("it-2", "take", question.ref)
    assert question.ref not in room.command("it-1", "mine")
    assert question.ref in room.command("it-2", "mine")


def test_clocks_are_told_by_rule_and_reference(room: SlackDesk) -> None:
    every, one = room.command("it-1", "clocks"), room.command("it-1", f"clocks {room.ref.lower()}")
    for told in (every, one):
        assert room.ref in told
        assert "left" in told
        assert not [name for name in NAMES if name in told]
    assert len(one) < 12_000


@pytest.mark.parametrize(
    "text", ["list", "mine", "clocks", "clocks {ref}", "note {ref} words", "nonsense", "open x"]
)
@pytest.mark.parametrize("who", ["U0NOBODY", "it-off"])
def test_a_stranger_hears_one_thing_alone(room: SlackDesk, who: str, text: str) -> None:
    assert NEUTRAL in room.command(who, text.format(ref=room.ref))
    assert not room.slack.views
    assert room.history("channel_refused", chain="house")


@pytest.mark.parametrize("outside", ["kept out", "of another client"])
def test_whoever_is_outside_hears_of_nothing(room: SlackDesk, outside: str) -> None:
    who = "it-theirs"
    if outside == "kept out":
        who = "it-1"
        with room.store.writing() as session:
            incident_id = room.walk.incident(session).id
            assert incident_id is not None
            session.add(Exclusion(incident_id=incident_id, handle=who, by="commander-1", at=wall_now()))
    for text in ("list", "mine", "clocks"):
        assert room.ref not in room.command(who, text)
    nothing = room.command(who, "clocks INC-2020-0001")
    assert room.command(who, f"clocks {room.ref}") == nothing
    assert room.command(who, f"note {room.ref} words") == nothing
    assert not room.history("remark")


def test_a_remark_is_written_once_and_without_numbers(room: SlackDesk) -> None:
    payload = room.slack.command(MEMBERS["it-1"], f"note {room.ref} the line is <!here> quiet")
    for _ in range(2):
        room.send(payload)
        room.desk.later(seconds=1)
        room.slack.expect_whisper("Written", user=MEMBERS["it-1"])
    assert [(entry.payload or {})["text"] for entry in room.history("remark")] == [
        "the line is <!here> quiet"
    ]
    assert "leave the number out" in room.command("it-1", f"note {room.ref} card 4111 1111 1111 1111")
    assert len(room.history("remark")) == 1


def test_whoever_comes_next_is_told_what_is_open(room: SlackDesk) -> None:
    told = room.command("it-1", "handover")
    assert room.ref in told
    assert "Open questions" in told
    assert not [name for name in NAMES if name in told]
    assert room.ref not in room.command("it-theirs", "handover")


def test_wrong_words_are_answered_with_the_right_ones(room: SlackDesk) -> None:
    for text in ("", "what", "OPEN_ALL", "\u202e"):
        assert "/incident list" in room.command("it-1", text)


def test_an_incident_is_opened_by_code_once(room: SlackDesk) -> None:
    code = code_of(room, "commander-1")
    user = MEMBERS["commander-1"]
    room.send(room.slack.command(user, "open phishing somebody clicked <!channel>"))
    window = room.slack.expect_view()
    assert window["blocks"][1]["element"]["initial_option"]["value"] == "phishing"
    sheet = room.slack.submission(
        user, window, playbook="phishing", title="somebody clicked", severity="high", code=code
    )
    for _ in range(2):
        assert room.send(sheet).content == b""
        room.desk.later(seconds=1)
    for _ in range(2):
        assert "is open" in room.slack.expect_whisper("INC-", user=user).shown
    (incident,) = opened(room)
    assert (incident.playbook, incident.kind, incident.severity) == ("phishing", "real", "high")


def test_a_wrong_code_opens_nothing_and_comes_back_to_the_window(room: SlackDesk) -> None:
    code_of(room, "commander-1")
    user = MEMBERS["commander-1"]
    room.send(room.slack.command(user, "open phishing"))
    sheet = room.slack.submission(
        user, room.slack.expect_view(), playbook="phishing", title="x", severity="high", code="000000"
    )
    told = room.send(sheet).json()
    assert "does not fit" in told["errors"]["code"]
    assert not opened(room)


def test_much_is_cut_and_counted(room: SlackDesk) -> None:
    text = _told([f"line {number} {'x' * 150}" for number in range(70)], "none").text
    assert len(text) < 3_000
    assert "more" in text.splitlines()[-1]
    counted = int("".join(filter(str.isdigit, text.splitlines()[-1])))
    assert counted + len(text.splitlines()) - 1 == 70
