"""What comes back about a mailed notice is read, and what is broken or hostile gives a clear fault."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.delivery.dsn import LARGEST, Report, ReportFault, read_report
from notify.delivery.email import EmailWay
from tests.fakes.smtp import FakeSmtp
from tests.harness.parcels import parcel

OURS = "provider.example"
CLIENT = "privacy@client.example"
FAILED = "failed", "5.1.1", "smtp; 550 5.1.1 no such user here"


def report(
    *recipients: tuple[str, str, str],
    envelope: str | None = "d-7-1",
    returned: str | None = "<d-7-1@provider.example>",
    returned_as: str = "text/rfc822-headers",
) -> bytes:
    """A delivery report as Postfix and others write it; a recipient is action, status, diagnosis."""
    fields = ["Reporting-MTA: dns; mx.client.example"]
    fields += [f"Original-Envelope-Id: {envelope}"] if envelope else []
    for action, status, words in recipients:
        fields += ["", f"Original-Recipient: rfc822;{CLIENT}", f"Final-Recipient: rfc822; {CLIENT}"]
        fields += [f"Action: {action}"] if action else []
        fields += [f"Status: {status}"] if status else []
        fields += [f"Diagnostic-Code: {words}"] if words else []
    parts = [("text/plain", "I am sorry to have to tell you"), ("message/delivery-status", "\n".join(fields))]
    parts += [(returned_as, f"From: x@provider.example\nMessage-ID: {returned}\n\n")] if returned else []
    return mail_of("delivery-status", parts)


def receipt(disposition: str, original: str = "<d-7-1@provider.example>") -> bytes:
    fields = (
        f"Final-Recipient: rfc822; {CLIENT}\nOriginal-Message-ID: {original}\nDisposition: {disposition}\n"
    )
    parts = [("text/plain", "The message was displayed"), ("message/disposition-notification", fields)]
    return mail_of("disposition-notification", parts)


def mail_of(kind: str, parts: list[tuple[str, str]]) -> bytes:
    head = (
        f'From: <>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
    )
    body = "".join(f"--b\nContent-Type: {media_type}\n\n{text}\n" for media_type, text in parts)
    return (head + body + "--b--\n").replace("\n", "\r\n").encode()


def reply(**headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Data desk <privacy@client.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Thank you, we have it.\n")
    mail.add_alternative("<p>Thank you</p>", subtype="html")
    return mail.as_bytes()


def test_a_bounce_says_which_notice_and_why() -> None:
    assert read_report(report(FAILED), OURS) == Report("d-7-1", "failed", "5.1.1", FAILED[2], CLIENT)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("delivered", "2.1.5"),
        ("relayed", "2.0.0"),
        ("expanded", "2.0.0"),
        ("delayed", "4.4.7"),
        ("FAILED", "4.4.7"),
    ],
)
def test_each_action_is_known(action: str, status: str) -> None:
    told = read_report(report((action, status, "")), OURS)
    assert (told.kind, told.status) == (action.lower(), status)


def test_the_worst_of_several_recipients_counts() -> None:
    told = read_report(report(("delivered", "2.0.0", ""), FAILED, ("delayed", "4.0.0", "")), OURS)
    assert told.kind == "failed"


@pytest.mark.parametrize("returned_as", ["text/rfc822-headers", "message/rfc822", "message/global-headers"])
def test_a_report_without_the_envelopes_name_is_known_by_what_it_returns(returned_as: str) -> None:
    assert read_report(report(FAILED, envelope=None, returned_as=returned_as), OURS).key == "d-7-1"


def test_a_report_that_returns_nothing_is_known_by_the_envelope() -> None:
    assert read_report(report(FAILED, returned=None), OURS).key == "d-7-1"


def test_the_mail_we_send_is_the_one_that_a_report_names() -> None:
    with FakeSmtp() as smtp:
        EmailWay(smtp.url, f"incidents@{OURS}").send(parcel(), 1)
        taken = smtp.expect(CLIENT)
    told = report(FAILED, envelope=taken.dsn["ENVID"], returned=taken.mail["Message-ID"])
    assert read_report(told, OURS).key == parcel().key


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (report(FAILED, envelope="d-7-2"), "two notices"),
        (report(FAILED, envelope=None, returned="<d-7-1@elsewhere.example>"), "no notice of ours"),
        (report(FAILED, envelope=None, returned=None), "no notice of ours"),
        (report(FAILED, envelope="a b <script>", returned=None), "no notice of ours"),
        (report(), "no recipient"),
        (report(("", "5.0.0", "")), "without an action"),
        (report(("swallowed", "2.0.0", "")), "without an action"),
        (report(("delivered", "5.1.1", "")), "contradicts itself"),
        (report(("delivered", "", "")), "contradicts itself"),
        (report(("delayed", "2.0.0", "")), "contradicts itself"),
        (report(("failed", "2.0.0", "")), "contradicts itself"),
        (receipt("x; displayed", "<d-7-1@elsewhere.example>"), "read receipt about no notice"),
        (receipt("x; displayed", ""), "read receipt about no notice"),
        (reply(), "no notice of ours"),
        (reply(In_Reply_To="<hello@client.example>"), "no notice of ours"),
        (b"", "no notice of ours"),
        (b"\x00\xff" * 1_000, "no notice of ours"),
        (b"x" * (LARGEST + 1), "too large"),
    ],
)
def test_what_is_no_report_of_ours_is_said(raw: bytes, why: str) -> None:
    with pytest.raises(ReportFault, match=why):
        read_report(raw, OURS)


def test_a_mail_nested_without_end_is_said() -> None:
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth)
        for depth in range(3_000)
    )
    with pytest.raises(ReportFault):
        read_report(raw, OURS)


def test_a_report_inside_a_forwarded_mail_is_none() -> None:
    outer = EmailMessage()
    outer["From"] = CLIENT
    outer.set_content("See below.")
    raw = outer.as_bytes().replace(b"text/plain", b"message/rfc822").replace(b"See below.", report(FAILED))
    with pytest.raises(ReportFault, match="no notice of ours"):
        read_report(raw, OURS)


def test_hostile_words_are_bounded_and_inert() -> None:
    told = read_report(
        report(("failed", "5.1.1", "smtp; \x1b[31m https://evil.example " + "x" * 9_000)), OURS
    )
    assert len(told.words) <= 300
    assert "\x1b" not in told.words
    assert "https://" not in told.words


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [
        ("manual-action/MDN-sent-manually; displayed", "read"),
        ("automatic-action/MDN-sent-automatically; displayed/warning", "read"),
        ("manual-action/MDN-sent-manually; deleted", "unread"),
        ("automatic-action/MDN-sent-automatically; dispatched", "unread"),
        ("nonsense", "unread"),
    ],
)
def test_a_read_receipt_is_told_from_one_of_a_machine(disposition: str, kind: str) -> None:
    told = read_report(receipt(disposition), OURS)
    assert (told.key, told.kind, told.recipient) == ("d-7-1", kind, CLIENT)


@pytest.mark.parametrize(
    "headers",
    [
        {"In_Reply_To": "<d-7-1@provider.example>"},
        {"In_Reply_To": "<other@client.example>", "References": "<x@y.example> <d-7-1@PROVIDER.example>"},
    ],
)
def test_a_reply_says_which_notice_it_answers(headers: dict[str, str]) -> None:
    told = read_report(reply(**headers), OURS)
    assert (told.key, told.kind, told.words) == ("d-7-1", "replied", "Thank you, we have it.")


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}]
)
def test_a_holiday_note_is_no_reply(headers: dict[str, str]) -> None:
    told = read_report(reply(In_Reply_To="<d-7-1@provider.example>", **headers), OURS)
    assert told.kind == "auto_replied"


@given(st.data())
def test_a_broken_report_is_read_or_refused_and_never_crashes(data: st.DataObject) -> None:
    raw = bytearray(
        data.draw(st.sampled_from([report(FAILED), receipt("x; displayed"), reply(References="<a@b>")]))
    )
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 30))] = data.draw(
            st.sampled_from([b"", b"\r\n", b"--b", b"\xff\xfe", b";charset*=x''y", b"base64", b"=?x?q?=00?="])
            | st.binary(max_size=8)
        )
        if not raw:
            return
    try:
        told = read_report(bytes(raw), OURS)
    except ReportFault:
        return
    assert told.key
    assert len(told.words) <= 300


@given(st.binary(max_size=2_000))
def test_any_bytes_are_refused_or_read(raw: bytes) -> None:
    with pytest.raises(ReportFault):
        read_report(raw, OURS)
