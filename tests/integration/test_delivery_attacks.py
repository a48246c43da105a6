"""What a late report, a lost answer, a corrected record and a word may not do to a notice on its way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from flows.deciding import deciding
from flows.delivery.in_name import resend, say_of_mail
from flows.delivery.recording import supersede
from flows.delivery.reports import take_report
from notify.delivery.outcomes import Absent, Outcome, Search, Unknown
from notify.delivery.parcel import Parcel
from playbooks.errors import Refused
from store.database import Store
from store.tables import Contact, Delivery
from tests.fakes.portal import FakePortal
from tests.fakes.smtp import FakeSmtp
from tests.harness.desks import desk_on
from tests.harness.earnest import Earnest, Reached
from tests.integration.test_delivery import DiesAfter, mailed, press, walk_on
from tests.integration.test_delivery_people import asked, number_of, report


class NeverSays:
    """A way by which everything arrives and no answer comes back."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send(self, parcel: Parcel, attempt: int) -> Outcome:
        self.sent.append(attempt)
        return Unknown(f"no answer about {parcel.key}")

    def find(self, parcel: Parcel) -> Search:  # noqa: ARG002 - Way
        return Absent()

    def close(self) -> None:
        return


def two_mails(store: Store, folder: Path, smtp: FakeSmtp, portal: FakePortal) -> Earnest:
    """One client with two mail addresses; its notice is released."""
    contacts = tuple(("email", name, f"{name}@shop.example") for name in ("one", "two", "three"))
    walk = walk_on(store, folder, smtp, portal, Reached("shop", contacts))
    walk.release("A")
    return walk


def test_a_notice_was_sent_when_that_left_which_arrived_not_what_bounced(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        take_report(walk.house, report(walk, "failed", "5.1.1"))
        walk.carry(minutes=30)
        assert walk.states("A") == ["bounced", "accepted"]
        bounced, arrived = walk.deliveries("A")
        assert bounced.sent_at != arrived.sent_at
        assert walk.notice("A").sent_at == arrived.sent_at
        (proved,) = {one.proof for one in walk.duties() if one.case_ref == "A" and one.met_at}
        assert f"notice {number_of(walk)} " in proved
        assert arrived.key in proved


def test_a_mail_in_doubt_is_told_and_sent_again_ever_more_rarely(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal, acknowledge_hours=20.0, hours=200)
        never = NeverSays()
        walk.ways = {**walk.ways, "email": never}
        walk.carry()
        (told,) = walk.messages("notice_in_doubt")
        assert told.fields["minutes"] == 15
        assert "shop" not in str(told.fields)
        for _ in range(16):
            walk.carry(minutes=15)
        assert never.sent == [1, 2, 3, 4, 5], "after 15, 30, 60 and 120 minutes"
        assert [one.fields["minutes"] for one in walk.messages("notice_in_doubt")] == [15, 30, 60, 120, 240]


def test_a_portal_that_never_answers_is_not_asked_every_few_seconds(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        shop = Reached("shop", (("webhook", "P", portal.url),), secret=portal.secret)
        walk = walk_on(sqlite_store, tmp_path, smtp, portal, shop)
        walk.release("A")
        never = NeverSays()
        walk.ways = {"webhook": never}
        for _ in range(120):
            walk.carry(seconds=6)
        assert 5 < len(never.sent) < 40


def test_a_recipient_who_has_it_is_not_silent_about_a_repeat(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        with desk_on(walk.house) as at:
            at.wall = walk.now
            press(at, smtp.expect("dpo@shop.example").text)
        resend(walk.house, asked(walk, number_of(walk), "commander-1", 1), 1)
        walk.carry()
        walk.carry(hours=48)
        assert len(smtp.taken) == 2
        assert not portal.received, "the next way is for those who were not reached"
        assert not walk.messages("notice_next_way")


def test_a_corrected_address_gets_the_notice_that_could_not_leave_before(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        smtp.trouble("RCPT", "451 4.3.0 later")
        walk.carry()
        assert walk.states("A") == ["queued"]
        with sqlite_store.writing() as session:
            found = session.exec(select(Contact).where(Contact.channel == "email")).one()
            found.address = "other@shop.example"
        walk.carry(minutes=1)
        assert not smtp.taken, "the address that was corrected gets nothing any more"
        assert walk.states("A") == ["superseded", "accepted"]


def test_a_report_about_somebody_else_proves_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        foreign = report(walk, "delivered", "2.0.0").replace(b"dpo@shop.example", b"journal@archive.example")
        assert take_report(walk.house, foreign).state == "sent"
        assert walk.met("A") is None
        assert walk.history("notice_reported")
        own = report(walk, "delivered", "2.0.0").replace(b"dpo@shop.example", b"DPO@Shop.Example")
        assert take_report(walk.house, own).state == "accepted"


def test_a_late_bounce_does_not_pass_over_a_recipient_who_has_time_still(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = two_mails(sqlite_store, tmp_path, smtp, portal)
        walk.carry()
        walk.carry(hours=5)
        assert walk.states("A") == ["sent", "sent"]
        take_report(walk.house, report(walk, "failed", "5.1.1").replace(b"dpo@", b"one@"))
        walk.carry()
        assert walk.states("A") == ["bounced", "sent"], "the second has its time to answer"
        walk.carry(hours=5)
        assert walk.states("A") == ["bounced", "sent", "sent"]


def test_what_went_out_after_it_was_stopped_is_written_down(sqlite_store: Store, tmp_path: Path) -> None:
    """An attempt outlives its lease, and the incident is closed meanwhile: the mail is in the world."""
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = mailed(sqlite_store, tmp_path, smtp, portal)
        whole = walk.ways

        class ClosesMeanwhile(DiesAfter):
            def send(self, parcel: Parcel, attempt: int) -> Outcome:
                outcome = self._way.send(parcel, attempt)
                with deciding(walk.house, walk.ref) as decision:
                    (one,) = decision.session.exec(select(Delivery)).all()
                    supersede(decision, one, "the incident is closed")
                return outcome

        walk.ways = {**whole, "email": ClosesMeanwhile(whole["email"])}
        walk.carry()
        (one,) = walk.deliveries("A")
        assert (one.state, len(smtp.taken)) == ("superseded", 1)
        assert one.sent_at is not None
        assert len(walk.history("notice_sent")) == 1


def test_another_address_by_the_same_channel_is_another_way(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        walk = two_mails(sqlite_store, tmp_path, smtp, portal)
        said = resend(walk.house, asked(walk, number_of(walk), "commander-1", 1), 2)
        assert "before" not in said
        walk.carry()
        assert [one.address for one in walk.deliveries("A")] == ["one@shop.example", "two@shop.example"]
        assert walk.states("A") == ["sent", "sent"]


def test_a_word_about_a_mail_is_not_taken_for_a_portal(sqlite_store: Store, tmp_path: Path) -> None:
    with FakeSmtp() as smtp, FakePortal() as portal:
        shop = Reached("shop", (("webhook", "P", portal.url),), secret=portal.secret)
        walk = walk_on(sqlite_store, tmp_path, smtp, portal, shop)
        walk.release("A")
        whole, walk.ways = walk.ways, {"webhook": NeverSays()}
        walk.carry()
        assert walk.states("A") == ["unknown"]
        with pytest.raises(Refused, match="no mail of this notice is in doubt"):
            say_of_mail(walk.house, asked(walk, number_of(walk), "approver-1", 2), arrived=True)
        walk.ways = whole
        walk.carry(minutes=1)
        assert walk.met("A") is not None
