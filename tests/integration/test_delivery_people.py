"""What people do about a notice on its way: commands, reports of mail servers, statements with evidence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlmodel import select

from flows.clients.portal import new_portal_key
from flows.clock import wall_now
from flows.delivery.in_name import Asked, resend, say_of_mail
from flows.delivery.reports import take_report
from flows.desk.deliveries import to_paste, ways_shown
from flows.vouching import Voucher, check_vouchers
from playbooks.errors import NotFound, Refused
from store.database import Store
from store.tables import Client, Evidence, Notice
from tests.fakes.portal import FakePortal
from tests.fakes.smtp import FakeSmtp
from tests.harness.earnest import Earnest, Reached, begin_earnest
from tests.harness.walks import stamp
from tests.integration.test_delivery import DiesAfter, mailed

DSN = """\
From: MAILER-DAEMON@mail.example
To: incidents@provider.example
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Here is what happened.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Original-Envelope-Id: {key}

Final-Recipient: rfc822; dpo@shop.example
Action: {action}
Status: {status}

--b--
"""


def asked(walk: Earnest, number: int, handle: str, ahead: int) -> Asked:
    """A request proved by a code that nobody used yet."""
    at = wall_now() + timedelta(seconds=30 * (100 + ahead))
    code = pyotp.TOTP(walk.secrets[handle]).at(at)
    (by,) = check_vouchers(walk.house.store, (Voucher(handle, code),), at)
    return Asked(number, by, f"test:{handle}:{ahead}")


def number_of(walk: Earnest) -> int:
    found = walk.notice("A").id
    assert found is not None
    return found


def report(walk: Earnest, action: str, status: str) -> bytes:
    return DSN.format(key=walk.deliveries("A")[0].key, action=action, status=status).encode()


def test_a_report_of_delivery_proves_the_notice_and_a_second_one_changes_nothing(
    store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(store, tmp_path, smtp, portal)
        walk.carry()
        assert take_report(walk.house, report(walk, "relayed", "2.0.0")).state == "sent"
        found = take_report(walk.house, report(walk, "delivered", "2.0.0"))
        assert (found.kind, found.state) == ("delivered", "accepted")
        first = walk.met("A")
        assert first is not None
        assert take_report(walk.house, report(walk, "delivered", "2.0.0")).state == "accepted"
        assert take_report(walk.house, report(walk, "failed", "5.1.1")).state == "accepted"
        assert walk.met("A") == first
        assert len(walk.history("notice_arrived")) == 1
        assert len(walk.history("duty_met")) == len({one.id for one in walk.duties() if one.met_at})


def test_a_report_of_failure_takes_the_next_way_at_once(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        assert take_report(walk.house, report(walk, "failed", "5.1.1")).state == "bounced"
        walk.carry()
        assert walk.states("A") == ["bounced", "accepted"]
        foreign = report(walk, "failed", "5.1.1").replace(walk.deliveries("A")[0].key.encode(), b"0" * 32)
        with pytest.raises(NotFound):
            take_report(walk.house, foreign)


def test_a_persons_word_ends_the_doubt_about_a_mail(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        whole = walk.ways
        walk.ways = {**whole, "email": DiesAfter(whole["email"])}
        walk.carry()
        walk.ways = whole
        walk.carry(minutes=4)
        assert walk.states("A") == ["unknown"]
        with pytest.raises(Refused, match="approver or a commander"):
            say_of_mail(walk.house, asked(walk, number_of(walk), "it-1", 1), arrived=True)
        say_of_mail(walk.house, asked(walk, number_of(walk), "approver-1", 2), arrived=True)
        assert walk.states("A") == ["sent"]
        walk.carry(minutes=20)
        assert len(smtp.taken) == 1
        assert walk.met("A") is None
        with pytest.raises(Refused, match="no mail of this notice is in doubt"):
            say_of_mail(walk.house, asked(walk, number_of(walk), "approver-1", 3), arrived=False)


def test_a_notice_is_sent_again_at_a_word_and_says_when_it_went_before(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        with pytest.raises(Refused, match="on this way still"):
            resend(walk.house, asked(walk, number_of(walk), "commander-1", 1), 1)
        walk.carry()
        with pytest.raises(Refused, match="no such way"):
            resend(walk.house, asked(walk, number_of(walk), "commander-1", 2), 9)
        said = resend(walk.house, asked(walk, number_of(walk), "commander-1", 3), 1)
        assert "it went this way before" in said
        walk.carry()
        assert len(smtp.taken) == 2
        assert [one.position for one in walk.deliveries("A")] == [0, 2]
        first, second = smtp.taken
        assert first.mail["Message-ID"] != second.mail["Message-ID"]


def test_a_statement_names_its_evidence_and_a_wrong_number_is_refused(
    sqlite_store: Store, tmp_path: Path
) -> None:
    walk = begin_earnest(sqlite_store, tmp_path, {}, Reached("shop", (("portal", "P", "https://p.example"),)))
    notice = walk.release("A")
    assert walk.states("A") == ["by_hand"]
    with sqlite_store.writing() as session:
        session.add(
            Evidence(
                incident_id=walk.incident(session).id,
                number=7,
                kind="file",
                title="The receipt",
                origin="portal",
                sha256="ab" * 32,
                custodian="it-1",
                collected_by="it-1",
                collected_at=wall_now(),
                recorded_at=wall_now(),
            )
        )
    at = stamp(wall_now())
    given = {"sent_at": at, "accepted_at": at, "receipt": "its own page", "reference": "PA-77"}
    question = walk.of_case("proof", "A")
    fault = walk.give_to(question, "accepted", **given, evidence_number="8")
    assert "no evidence by that number" in fault
    assert walk.met("A") is None
    assert not walk.give_to(walk.of_case("proof", "A"), "accepted", **given, evidence_number="7")
    (delivery,) = walk.deliveries("A")
    assert delivery.proof is not None
    assert delivery.proof["accepted"]["sha256"] == "ab" * 32
    assert (delivery.state, delivery.external_id) == ("accepted", "PA-77")
    assert walk.met("A") is not None
    assert notice.state == "approved"


def test_a_page_shows_each_way_and_each_field_to_paste(sqlite_store: Store, tmp_path: Path) -> None:
    walk = begin_earnest(sqlite_store, tmp_path, {}, Reached("shop", (("portal", "P", "https://p.example"),)))
    walk.release("A")
    with sqlite_store.reading() as session:
        notice = session.get_one(Notice, number_of(walk))
        ways, fields = ways_shown(session, notice), to_paste(notice)
    assert [(one.channel, one.address, one.state) for one in ways] == [
        ("portal", "https://p.example", "by_hand")
    ]
    assert any("A list of records was exported." in one.words for one in fields)
    assert all(one.heading and not one.words.startswith(" ") for one in fields)


def test_a_portal_key_is_made_anew_and_kept_sealed(sqlite_store: Store, tmp_path: Path) -> None:
    begin_earnest(sqlite_store, tmp_path, {}, Reached("shop", (("webhook", "P", "https://p.example"),)))
    with sqlite_store.writing() as session:
        first = new_portal_key(session, "shop", "commander-1", wall_now())
        second = new_portal_key(session, "shop", "commander-1", wall_now())
        assert first.startswith("whsec_")
        assert first != second
        assert session.exec(select(Client).where(Client.ref == "shop")).one().portal_secret == second
        with pytest.raises(NotFound):
            new_portal_key(session, "nobody", "commander-1", wall_now())
