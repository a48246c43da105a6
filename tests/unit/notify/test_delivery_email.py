"""Each answer of a mail server is sorted by what may be done next, over real SMTP."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from notify.delivery.email import PERSON_SECONDS, EmailWay, Relay
from notify.delivery.outcomes import Absent, Bounced, Dead, Dispatched, Outcome, TryLater, Unknown
from playbooks.errors import SetupFault
from tests.fakes.smtp import FakeSmtp, authority
from tests.harness.parcels import PAGE, PAPER, TEXT, parcel

SENDER = "incidents@provider.example"
CLIENT = "privacy@client.example"


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


def sent(smtp: FakeSmtp, *, timeout: float = 30.0, **how: object) -> Outcome:
    """What became of a parcel by a way that asks for STARTTLS."""
    return EmailWay(smtp.url, SENDER, trust=smtp.trust, timeout=timeout).send(parcel(**how), 1)


def test_a_relay_that_takes_it_has_only_taken_it(smtp: FakeSmtp) -> None:
    assert sent(smtp) == Dispatched("<d-7-1@provider.example>", "250 2.0.0 queued as 1")
    taken = smtp.expect(CLIENT)
    assert taken.protected
    assert (taken.sender, taken.recipients) == (SENDER, (CLIENT,))


def test_the_mail_holds_text_link_hash_and_documents(smtp: FakeSmtp) -> None:
    sent(smtp)
    mail = smtp.expect(CLIENT).mail
    text = smtp.expect(CLIENT).text.replace("\r\n", "\n")
    assert text.startswith(TEXT + "\n")
    above, _, below = text.partition("\n" + "-" * 60 + "\n")
    assert above.rstrip("\n") == TEXT
    assert parcel().sha256 in below
    assert str(parcel().acknowledge_url) in below
    kept = {each.get_filename(): each.get_payload(decode=True) for each in mail.iter_attachments()}
    assert kept == {PAGE.name: PAGE.content, PAPER.name: PAPER.content}
    assert mail["Message-ID"] == "<d-7-1@provider.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert not mail.defects


def test_no_link_is_spoken_of_where_there_is_none(smtp: FakeSmtp) -> None:
    sent(smtp, acknowledge_url=None)
    assert "confirm" not in smtp.expect(CLIENT).text


def test_each_attempt_is_the_same_mail(smtp: FakeSmtp) -> None:
    way = EmailWay(smtp.url, SENDER, trust=smtp.trust)
    way.send(parcel(), 1)
    way.send(parcel(), 2)
    assert smtp.taken[0].raw == smtp.taken[1].raw


def test_a_report_is_asked_for_where_the_server_can_give_one(smtp: FakeSmtp) -> None:
    sent(smtp)
    assert smtp.expect(CLIENT).dsn == {
        "RET": "HDRS",
        "ENVID": "d-7-1",
        "NOTIFY": "SUCCESS,FAILURE,DELAY",
        "ORCPT": f"rfc822;{CLIENT}",
    }


def test_a_server_without_reports_is_not_asked() -> None:
    with FakeSmtp(dsn=False) as smtp:
        assert isinstance(sent(smtp), Dispatched)


def test_a_login_is_given_under_protection_only() -> None:
    with FakeSmtp(login=("mailer@provider", "p:a/ss word")) as smtp:
        assert isinstance(sent(smtp), Dispatched)
        assert smtp.expect(CLIENT).user == "mailer@provider"
    with FakeSmtp(login=("mailer", "secret-word"), starttls=False) as smtp:
        assert isinstance(sent(smtp), TryLater)
        assert not smtp.taken


def test_tls_from_the_first_byte() -> None:
    with FakeSmtp(smtps=True) as smtp:
        assert isinstance(sent(smtp), Dispatched)
        assert smtp.expect(CLIENT).protected


def test_loopback_needs_no_protection() -> None:
    with FakeSmtp(starttls=False) as smtp:
        assert isinstance(EmailWay(smtp.url, SENDER).send(parcel(), 1), Dispatched)


def test_a_server_that_lost_its_protection_gets_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with FakeSmtp(starttls=False) as smtp:
        outcome = sent(smtp)
    assert outcome == TryLater("the mail server offers no STARTTLS, or no login", PERSON_SECONDS)
    assert not any(each.startswith("MAIL") for each in smtp.commands)
    assert [each.levelno for each in caplog.records if each.name == "seventytwo.delivery"] == [logging.ERROR]


@pytest.mark.parametrize("smtps", [True, False])
def test_a_certificate_of_somebody_else_is_refused(smtps: bool) -> None:
    with FakeSmtp(smtps=smtps) as smtp:
        outcome = EmailWay(smtp.url, SENDER, trust=ssl.create_default_context()).send(parcel(), 1)
    assert isinstance(outcome, TryLater)
    assert "certificate" in outcome.why
    assert outcome.after == PERSON_SECONDS


def test_a_certificate_for_another_name_is_refused() -> None:
    with FakeSmtp(names=("mail.elsewhere.example",)) as smtp:
        outcome = sent(smtp)
    assert isinstance(outcome, TryLater)
    assert "certificate" in outcome.why


def test_a_refused_login_is_told_without_the_login(caplog: pytest.LogCaptureFixture) -> None:
    with FakeSmtp(login=("mailer", "right")) as smtp:
        url = smtp.url.replace("right", "wrong-secret")
        way = EmailWay(url, SENDER, trust=smtp.trust)
        outcome = way.send(parcel(), 1)
    assert outcome == TryLater("the mail server refuses our login (535)", PERSON_SECONDS)
    assert "wrong-secret" not in caplog.text + repr(outcome) + repr(way._relay)


def test_a_server_that_wants_a_login_waits_for_a_person() -> None:
    with FakeSmtp(login=("mailer", "right")) as smtp:
        outcome = EmailWay(f"smtp://127.0.0.1:{smtp.port}", SENDER).send(parcel(), 1)
    assert isinstance(outcome, TryLater)
    assert outcome.after == PERSON_SECONDS


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END"])
def test_a_server_that_asks_for_patience_is_tried_later(smtp: FakeSmtp, command: str) -> None:
    smtp.trouble(
        command, "450 4.2.0 greylisted, come back later", times=2
    )  # a client may say HELO after EHLO
    outcome = sent(smtp)
    assert isinstance(outcome, TryLater)
    assert not smtp.taken
    smtp.mend()
    assert isinstance(sent(smtp), Dispatched)


def test_a_recipient_that_is_not_there_bounces_at_once(smtp: FakeSmtp) -> None:
    smtp.refuse(CLIENT)
    said = "550 5.1.1 no such user here"
    assert sent(smtp) == Bounced(f"refused: {said}", said)


@pytest.mark.parametrize("command", ["DATA", "END"])
def test_a_refused_content_bounces(smtp: FakeSmtp, command: str) -> None:
    smtp.trouble(command, "554 5.7.1 we do not want this")
    outcome = sent(smtp)
    assert isinstance(outcome, Bounced)
    assert outcome.response == "554 5.7.1 we do not want this"


def test_a_refused_sender_is_our_own_fault(smtp: FakeSmtp) -> None:
    smtp.trouble("MAIL", "553 5.7.1 not your address")
    assert isinstance(sent(smtp), Dead)


def test_a_hostile_answer_is_bounded_and_inert(smtp: FakeSmtp) -> None:
    smtp.refuse(CLIENT, "550 \x1b[31mred\u202e https://evil.example " + "x" * 5_000)
    outcome = sent(smtp)
    assert isinstance(outcome, Bounced)
    assert len(outcome.response) <= 310
    assert not {"\x1b", "\u202e"} & set(outcome.response)
    assert "https://" not in outcome.response


@pytest.mark.parametrize("command", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_content_is_tried_later(smtp: FakeSmtp, command: str) -> None:
    smtp.trouble(command, cut=True, times=2)
    assert isinstance(sent(smtp), TryLater)


@pytest.mark.parametrize("how", [{"cut": True}, {"lose_answer": True}])
def test_a_connection_lost_after_the_content_leaves_the_outcome_unknown(
    smtp: FakeSmtp, how: dict[str, bool]
) -> None:
    smtp.trouble("END", **how)
    assert isinstance(sent(smtp), Unknown)
    assert len(smtp.taken) == ("lose_answer" in how)


def test_an_answer_that_takes_too_long_leaves_the_outcome_unknown(smtp: FakeSmtp) -> None:
    smtp.trouble("END", wait=3.0)
    assert isinstance(sent(smtp, timeout=0.5), Unknown)


def test_a_server_that_is_not_there_is_tried_later() -> None:
    gone = FakeSmtp()
    gone.close()
    outcome = sent(gone)
    assert isinstance(outcome, TryLater)
    assert outcome.after is None


def test_a_mail_is_never_found(smtp: FakeSmtp) -> None:
    way = EmailWay(smtp.url, SENDER)
    way.send(parcel(), 1)
    assert way.find(parcel()) == Absent()
    way.close()


def test_nothing_of_an_exercise_leaves(smtp: FakeSmtp) -> None:
    assert isinstance(sent(smtp, exercise=True), Dead)
    assert not smtp.commands


@pytest.mark.parametrize(
    "address",
    [
        "",
        "privacy",
        "privacy@",
        "@client.example",
        "privacy@client",
        "a@client.example,b@client.example",
        "a@b@client.example",
        "a@client.example\r\nRCPT TO:<b@evil.example>",
        "<a@client.example>",
        '"a b"@client.example',
        "a b@client.example",
        "a\u202e@client.example",
        "a@client.example.",
        "a@cli ent.example",
        ".a@client.example",
        "a@" + "x" * 64 + ".example",
        "a@" + ".".join(["x" * 60] * 5) + ".example",
    ],
)
def test_what_is_no_address_is_said_before_anything_is_sent(smtp: FakeSmtp, address: str) -> None:
    outcome = sent(smtp, address=address)
    assert isinstance(outcome, Dead)
    assert "no mail address" in outcome.why
    assert not smtp.commands


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX: y", "k>", "ключ", "k" * 101, "a..b"])
def test_a_key_that_no_header_can_bear_is_said_before_anything_is_sent(smtp: FakeSmtp, key: str) -> None:
    assert isinstance(sent(smtp, key=key), Dead)
    assert not smtp.commands


@pytest.mark.parametrize(
    "name",
    [
        "Evil\r\nBcc: all@client.example\r\n\r\nbody",
        'Evil" <other@evil.example>, "x',
        "Müller, Anna <anna@evil.example>; Bcc: x@evil.example" * 5,
        "=?utf-8?q?=0D=0ABcc:_x@evil.example?=",
        "数据保护官 " * 30,
        "\u202eevil\x00\x1b[31m",
        "",
    ],
)
def test_a_hostile_name_makes_no_header_and_no_recipient(smtp: FakeSmtp, name: str) -> None:
    outcome = sent(smtp, name=name, sender=name, subject=name, ref=name)
    assert isinstance(outcome, Dispatched)
    taken = smtp.expect(CLIENT)
    assert taken.recipients == (CLIENT,)
    mail = taken.mail
    assert [str(each.addr_spec) for each in mail["To"].addresses] == [CLIENT]
    assert [str(each.addr_spec) for each in mail["From"].addresses] == [SENDER]
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
        "Disposition-Notification-To", "Content-Type", "MIME-Version",
    }  # fmt: skip
    assert not mail.defects


def test_a_name_in_another_script_arrives_as_it_is(smtp: FakeSmtp) -> None:
    sent(smtp, name="Nguyễn Thị Ánh", subject="Thông báo vi phạm dữ liệu", text="Kính gửi Quý khách: 数据")
    taken = smtp.expect(CLIENT)
    assert taken.mail["To"].addresses[0].display_name == "Nguyễn Thị Ánh"
    assert taken.mail["Subject"] == "Thông báo vi phạm dữ liệu"
    assert taken.text.startswith("Kính gửi Quý khách: 数据")
    assert taken.raw.isascii()


def test_long_lines_and_dots_arrive_whole(smtp: FakeSmtp) -> None:
    text = "\n".join(["x" * 5_000, ".", "..", ".hidden", "From here on", "", " tail ", "ü" * 2_000])
    sent(smtp, text=text)
    taken = smtp.expect(CLIENT)
    assert taken.text.replace("\r\n", "\n").startswith(text + "\n")
    assert max(len(line) for line in taken.raw.split(b"\r\n")) <= 998


def test_a_domain_beyond_ascii_is_written_as_the_name_service_knows_it(smtp: FakeSmtp) -> None:
    assert isinstance(sent(smtp, address="info@straße.example"), Dispatched)
    smtp.expect("info@xn--strae-oqa.example")


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it(smtp: FakeSmtp) -> None:
    assert isinstance(sent(smtp, address="müller@client.example"), Dispatched)
    taken = smtp.expect("müller@client.example")
    assert b"<m\xc3\xbcller@client.example>" in taken.raw
    assert "ORCPT" not in taken.dsn
    with FakeSmtp(smtputf8=False) as old:
        assert isinstance(sent(old, address="müller@client.example"), Dead)
        assert not any(each.startswith("MAIL") for each in old.commands)


@pytest.mark.parametrize("name", ["../../etc/passwd", 'a"\r\nX: y.pdf', "", "ảnh.pdf", "x" * 500])
def test_a_documents_name_is_only_a_name(smtp: FakeSmtp, name: str) -> None:
    odd = type(PAPER)(name, "multipart/mixed; boundary=x", b"content", "0" * 64)
    sent(smtp, documents=(odd,))
    (attached,) = smtp.expect(CLIENT).mail.iter_attachments()
    shown = attached.get_filename()
    assert shown
    assert len(shown) <= 80
    assert not set('/\\"\r\n') & set(shown)
    assert attached.get_content_type() == "application/octet-stream"
    assert attached.get_payload(decode=True) == b"content"


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://:25", "smtp://a:b@h:99999", "smtp://h/x"],
)
def test_a_mail_server_that_is_no_address_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(SetupFault) as caught:
        Relay.of(url)
    assert "a:b" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(("url", "near", "port"), [
    ("smtp://127.0.0.1:2525", True, 2525),
    ("smtp://localhost", True, 587),
    ("smtp://mail.example", False, 587),
    ("smtps://mail.example", False, 465),
])  # fmt: skip
def test_only_loopback_may_go_unprotected(url: str, near: bool, port: int) -> None:
    relay = Relay.of(url)
    assert (relay.near, relay.port) == (near, port)
    assert EmailWay(url, SENDER)._wants_starttls == (not near and not relay.tls)


def test_a_server_that_never_comes_to_an_end_is_left() -> None:
    """Each letter comes in time, the line never: every notice would wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip() -> None:
            taken, _ = server.accept()
            with taken, contextlib.suppress(OSError):
                while not over.wait(0.05):
                    taken.sendall(b"2")

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        way = EmailWay(f"smtp://127.0.0.1:{server.getsockname()[1]}", "a@provider.example", longest=0.5)
        outcome = way.send(parcel(), 1)
        over.set()
        dripping.join()
    assert isinstance(outcome, TryLater)


def test_an_authority_of_ones_own_is_believed_by_the_machines_own_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority().cert_pem.write_to_path(tmp_path / "authority.pem")
    with FakeSmtp(smtps=True) as smtp:
        assert isinstance(EmailWay(smtp.url, "a@provider.example").send(parcel(), 1), TryLater)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert isinstance(EmailWay(smtp.url, "a@provider.example").send(parcel(), 1), Dispatched)
