"""A released notice on its way: by mail and webhook, to the next recipient, and to its proof."""

from __future__ import annotations

import base64
import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from flows.clock import wall_now
from flows.desk.headers import HEADERS
from notify.delivery.email import EmailWay
from notify.delivery.outcomes import Outcome, Search
from notify.delivery.parcel import Parcel, Way
from notify.delivery.slack_connect import SlackConnectWay
from notify.delivery.webhook import WebhookWay
from notify.slack import SlackSender
from store.database import Store
from store.tables import ChannelFreeze, Contact, Incident, Notice, NoticeDocument
from tests.fakes.portal import FakePortal
from tests.fakes.slack import FakeSlack
from tests.fakes.smtp import FakeSmtp
from tests.harness.desks import DeskUnderTest, desk_on
from tests.harness.earnest import Earnest, Reached, begin_earnest
from tests.harness.law_walks import WORDS
from tests.harness.walks import stamp

MAIL = "incidents@provider.example"


def walk_on(store: Store, folder: Path, smtp: FakeSmtp, portal: FakePortal, *clients: Reached) -> Earnest:
    ways = {
        "email": EmailWay(smtp.url, MAIL, trust=smtp.trust),
        "webhook": WebhookWay(wall_now, trust=portal.trust, near=True),
    }
    env = {
        "SEVENTYTWO_SMTP_URL": smtp.url,
        "SEVENTYTWO_MAIL_FROM": MAIL,
        "SEVENTYTWO_PUBLIC_URL": "https://desk.provider.example",
    }
    return begin_earnest(store, folder, ways, *clients, **env)


def link_in(text: str) -> str:
    """The path of the one-use link in a mail."""
    found = re.search(r"https://desk\.provider\.example(/ack/\w+)", text.replace("=\n", ""))
    assert found, text
    return found[1]


def press(at: DeskUnderTest, text: str) -> str:
    """Open the link of a mail, and press its button; what the desk says."""
    path = link_in(text)
    with at.reader() as browser:
        looked = browser.get(path)
        assert looked.status_code == 200
        assert {name: looked.headers[name] for name in HEADERS} == HEADERS
        return browser.post(path).text


def test_a_processor_tells_three_clients_one_mail_bounces_and_the_second_channel_acknowledges(
    store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal(acknowledges=True) as portal:
        gone, desk = "dpo@gone.example", "dpo@shop.example"
        smtp.refuse(gone)
        walk = walk_on(
            store, tmp_path, smtp, portal,
            Reached("atelier", (("email", "The desk", desk),)),
            Reached("bank", (("webhook", "The portal", portal.url),), secret=portal.secret),
            Reached("clinic", (("email", "T", gone), ("webhook", "P", portal.url)), secret=portal.secret),
        )  # fmt: skip
        for case in "ABC":
            walk.release(case)
        walk.carry()
        assert walk.states("A") == ["sent"]
        assert walk.states("B") == ["acknowledged"]
        assert walk.states("C") == ["bounced", "acknowledged"]
        assert smtp.expect(desk).mail["Message-ID"]
        assert len(portal.received) == 2
        assert [walk.notice(case).state for case in "ABC"] == ["sent", "acknowledged", "acknowledged"]
        assert walk.met("A") is None, "sent alone meets nothing"
        assert walk.has("proof", "A")
        for case in "BC":
            notice = walk.notice(case)
            assert walk.met(case) == notice.accepted_at
            assert not walk.has("proof", case)
        with desk_on(walk.house) as at:
            at.wall = walk.now
            press(at, smtp.expect(desk).text)
        assert walk.met("A") == walk.notice("A").acknowledged_at
        assert not walk.open_kinds() & {"proof", "draft"}


def mailed(store: Store, folder: Path, smtp: FakeSmtp, portal: FakePortal, **more: Any) -> Earnest:
    """One client, told by mail first and then by webhook; its notice is released."""
    contacts = (("email", "The desk", "dpo@shop.example"), ("webhook", "P", portal.url))
    walk = walk_on(store, folder, smtp, portal, Reached("shop", contacts, secret=portal.secret, **more))
    walk.release("A")
    return walk


class DiesAfter:
    """A way that carries out what it is given, and is gone before anybody learns of it."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        self._way.send(parcel, attempt)
        raise SystemExit

    def find(self, parcel: Parcel) -> Search:
        return self._way.find(parcel)

    def close(self) -> None:
        self._way.close()


def test_a_crash_between_sending_and_recording_sends_no_second_mail_until_a_person_speaks(
    store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(store, tmp_path, smtp, portal)
        whole = walk.ways
        walk.ways = {**whole, "email": DiesAfter(whole["email"])}
        walk.carry()
        assert (walk.states("A"), len(smtp.taken)) == (["sending"], 1)
        walk.ways = whole
        walk.carry(minutes=4)
        assert (walk.states("A"), len(smtp.taken)) == (["unknown"], 1), "its lease is over: nobody knows"
        assert walk.history("notice_unknown")
        walk.carry(minutes=5)
        assert len(smtp.taken) == 1, "a person has a quarter of an hour to say"
        walk.carry(minutes=10)
        assert walk.states("A") == ["sent"]
        first, second = smtp.taken
        assert first.mail["Message-ID"] == second.mail["Message-ID"]


def test_a_portal_gets_a_notice_once_whatever_was_lost(store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = walk_on(
            store,
            tmp_path,
            smtp,
            portal,
            Reached("shop", (("webhook", "P", portal.url),), secret=portal.secret),
        )
        walk.release("A")
        portal.trouble(status=500)
        portal.trouble(lose_answer=True)
        for _ in range(4):
            walk.carry(seconds=40)
        assert len(portal.received) == 1
        assert len({headers["idempotency-key"] for _, headers in portal.requests}) == 1
        assert walk.states("A") == ["accepted"]
        assert walk.met("A") == walk.notice("A").accepted_at
        assert "PORTAL-0001" in walk.notice("A").receipt


def test_two_dispatchers_send_it_once(store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(store, tmp_path, smtp, portal)
        start = threading.Barrier(2)

        def dispatch() -> None:
            start.wait()
            walk.carry()

        both = [threading.Thread(target=dispatch) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert len(smtp.taken) == 1
        assert walk.states("A") == ["sent"]


def test_a_recipient_changed_after_the_release_voids_it(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        with sqlite_store.writing() as session:
            found = session.exec(select(Contact).where(Contact.channel == "email")).one()
            found.address = "other@shop.example"
        walk.carry()
        assert not smtp.taken
        assert walk.states("A") == ["superseded"]
        assert walk.notice("A").state == "withdrawn"
        assert walk.history("release_void")
        walk.release("A")
        walk.carry()
        assert smtp.expect("other@shop.example")


@pytest.mark.parametrize("what", ["text", "document"])
def test_what_was_edited_in_the_store_after_its_release_does_not_leave(
    sqlite_store: Store, tmp_path: Path, what: str
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        with sqlite_store.writing() as session:
            if what == "text":
                notice = session.exec(select(Notice).where(Notice.state == "queued")).one()
                notice.text += "\nPay the costs to another account."
            else:
                paper = session.exec(select(NoticeDocument).where(NoticeDocument.kind == "pdf")).one()
                paper.content = base64.b64encode(b"%PDF-1.7 something else").decode()
        walk.carry()
        assert not smtp.taken
        assert walk.states("A") == ["superseded"]
        assert walk.notice("A").state == "withdrawn"
        assert walk.history("release_void")
        walk.release("A")
        walk.carry()
        assert len(smtp.taken) == 1


def test_silence_takes_the_next_way_and_after_the_last_names_who_must_phone(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal, acknowledge_hours=2.0)
        asked = walk.of_case("proof", "A")
        assert asked.title.startswith("Record the notice's receipt")
        assert asked.due_at is not None
        assert asked.due_at - asked.opened_at == timedelta(hours=3), "no answer is pressed for meanwhile"
        walk.carry()
        walk.carry(minutes=110)
        assert walk.states("A") == ["sent"]
        walk.carry(minutes=15)
        assert walk.states("A") == ["sent", "accepted"]
        assert walk.met("A") == walk.notice("A").accepted_at
        walk.carry(hours=3)
        assert [one.fields["why"] for one in walk.messages("notice_next_way")] == ["no answer"]
        (told,) = walk.messages("notice_by_hand")
        assert told.fields["to_role"] == "client_lead"
        assert "shop" not in str(told.fields)
        walk.carry(hours=48)
        assert len(walk.deliveries("A")) == 2


def test_the_link_counts_once_and_odd_words_get_one_answer(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        text = smtp.expect("dpo@shop.example").text
        path = link_in(text)
        with desk_on(walk.house) as at:
            at.wall = walk.now
            with at.reader() as browser:
                for _ in range(3):
                    page = browser.get(path).text
                assert walk.notice("A").acknowledged_at is None, "looking is nothing"
                assert f"notice {walk.notice('A').id}" in page
                assert WORDS["nature"] not in page
                assert "recorded as received" in browser.post(path).text
                first = walk.notice("A").acknowledged_at
                assert first is not None
                assert "confirmed already" in browser.post(path).text
                assert "confirmed already" in browser.get(path).text
                assert walk.notice("A").acknowledged_at == first
                odd = [
                    "0" * 64,
                    "x",
                    "%00",
                    "%F0%9F%98%80" * 16,
                    "a" * 5000,
                    path[5:-1] + "z",
                    "'--",
                    "..%2f",
                ]
                answers = [browser.request(how, f"/ack/{one}") for one in odd[:-1] for how in ("GET", "POST")]
                assert {answer.status_code for answer in answers} == {404}
                assert len({answer.text for answer in answers}) == 1
                at.later(seconds=61)
                for _ in range(40):
                    last = browser.get(f"/ack/{'1' * 64}")
                assert last.status_code == 429
        assert len(walk.history("notice_acknowledged")) == 1


def test_an_exercise_never_leaves_whatever_stands_in_the_queue(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        with sqlite_store.writing() as session:
            session.exec(select(Incident)).one().kind = "exercise"
        walk.carry()
        assert not smtp.taken
        assert walk.states("A") == ["superseded"]


@pytest.mark.parametrize("state", ["closed", "merged", "false_positive"])
def test_nothing_leaves_of_an_incident_that_is_over(sqlite_store: Store, tmp_path: Path, state: str) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        with sqlite_store.writing() as session:
            session.exec(select(Incident)).one().state = state
        walk.carry()
        assert not smtp.taken
        assert walk.states("A") == ["superseded"]


def test_proof_that_came_late_waits_for_the_reasons(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = walk_on(
            sqlite_store, tmp_path, smtp, portal,
            Reached("shop", (("webhook", "P", portal.url),), secret=portal.secret, hours=1),
        )  # fmt: skip
        walk.release("A")
        walk.carry(hours=2)
        assert walk.notice("A").state == "accepted"
        assert walk.met("A") is None
        question = walk.of_case("proof", "A")
        assert "reasons" in question.fault
        assert question.subject["reached"]["receipt"] == walk.notice("A").receipt


def test_reasons_given_later_meet_the_duty_at_the_instant_that_was_proved(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        shop = Reached("shop", (("webhook", "P", portal.url),), secret=portal.secret, hours=1)
        walk = walk_on(sqlite_store, tmp_path, smtp, portal, shop)
        walk.release("A")
        walk.carry(hours=2)
        reached = walk.notice("A").accepted_at
        question = walk.of_case("proof", "A")
        at = stamp(walk.notice("A").drafted_at + timedelta(seconds=1))
        given = {"sent_at": at, "accepted_at": at, "receipt": "r"}
        assert "reasons for the delay" in walk.give_to(question, "accepted", **given, reason="")
        assert not walk.give_to(walk.of_case("proof", "A"), "accepted", **given, reason="Nobody was on duty.")
        assert walk.met("A") == reached
        assert {one.late_reason for one in walk.duties() if one.met_at == reached} == {"Nobody was on duty."}


def test_where_every_way_fails_it_bounced_and_a_person_is_named_at_once(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        smtp.refuse("one@shop.example")
        smtp.refuse("two@shop.example")
        contacts = (("email", "One", "one@shop.example"), ("email", "Two", "two@shop.example"))
        walk = walk_on(sqlite_store, tmp_path, smtp, portal, Reached("shop", contacts))
        walk.release("A")
        walk.carry()
        assert walk.states("A") == ["bounced", "bounced"]
        assert walk.notice("A").state == "bounced"
        assert len(walk.messages("notice_next_way")) == 1
        (told,) = walk.messages("notice_by_hand")
        assert told.fields["why"] == "it bounced"
        assert walk.has("proof", "A"), "a person may still say that they phoned"


def test_a_recipient_who_cannot_be_reached_as_written_is_refused_at_the_draft(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        bad = Reached("shop", (("email", "The desk", "nobody at shop"),))
        walk = walk_on(sqlite_store, tmp_path, smtp, portal, bad)
        fault = walk.give_to(walk.of_case("draft", "A"), "draft", **WORDS)
        assert "the address of recipient 1 is not a mail address" in fault
        assert "nobody at shop" not in fault


def test_without_a_mail_server_a_person_sends_it(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_earnest(sqlite_store, tmp_path, {}, Reached("shop", (("email", "D", "dpo@shop.example"),)))
    walk.release("A")
    walk.carry()
    assert walk.states("A") == ["by_hand"]
    assert (walk.notice("A").state, walk.has("proof", "A")) == ("approved", True)


@pytest.mark.parametrize(("frozen", "when"), [("#shop", "before"), ("*", "before"), ("*", "between")])
def test_no_notice_goes_to_a_channel_that_is_not_to_be_trusted(
    sqlite_store: Store, tmp_path: Path, frozen: str, when: str
) -> None:
    def freeze() -> None:
        with sqlite_store.writing() as session:
            session.add(ChannelFreeze(channel=frozen, why="w", by="commander-1", at=wall_now()))

    with FakeSlack() as slack:
        ways = {"slack": SlackConnectWay(SlackSender(slack.token, slack.url))}
        env = {"SEVENTYTWO_SLACK_TOKEN": slack.token, "SEVENTYTWO_SLACK_URL": slack.url}
        shop = Reached("shop", (("slack", "Shared", "#shop"),))
        walk = begin_earnest(sqlite_store, tmp_path, ways, shop, **env)
        if when == "before":
            freeze()
        walk.release("A")
        if when == "between":
            freeze()
        walk.carry()
        assert not slack.messages()
        assert (walk.states("A"), walk.has("proof", "A")) == (["by_hand"], True)
        ways["slack"].close()
