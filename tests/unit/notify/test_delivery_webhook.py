"""Each answer of a portal is sorted by what may be done next, over real HTTPS."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from flows.settings import Settings
from notify.delivery.exchange import is_outside, may_reach
from notify.delivery.outcomes import (
    Absent,
    Accepted,
    Acknowledged,
    Dead,
    Dispatched,
    Outcome,
    TryLater,
    Unknown,
)
from notify.delivery.webhook import LONGEST_ASKED, WebhookWay
from playbooks.errors import SetupFault
from tests.fakes.portal import FakePortal, client_certificate
from tests.harness.parcels import PAPER, TEXT, parcel


def wall() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def portal() -> Iterator[FakePortal]:
    with FakePortal() as fake:
        yield fake


def posted(portal: FakePortal, attempt: int = 1, *, timeout: float = 30.0, **how: object) -> Outcome:
    """What became of a parcel to the portal."""
    way = WebhookWay(wall, trust=portal.trust, near=True, timeout=timeout)
    return way.send(parcel(**{"address": portal.url} | how), attempt)


def test_a_portal_that_takes_it_gives_its_reference(portal: FakePortal) -> None:
    outcome = posted(portal)
    assert outcome == Accepted("PORTAL-0001", '200 {"reference": "PORTAL-0001"}')
    assert portal.refused == []


def test_a_portal_that_says_so_has_acknowledged() -> None:
    with FakePortal(acknowledges=True) as portal:
        outcome = posted(portal)
    assert isinstance(outcome, Acknowledged)
    assert outcome.external_id == "PORTAL-0001"


def test_the_notice_arrives_whole_and_signed(portal: FakePortal) -> None:
    posted(portal)
    received = portal.expect("d-7-1")
    assert received.headers["webhook-id"] == received.headers["idempotency-key"] == "d-7-1"
    assert received.body["text"] == TEXT
    assert received.body["sha256"] == parcel().sha256
    assert received.body["acknowledge_url"] == parcel().acknowledge_url
    assert received.document(PAPER.name) == PAPER.content


def test_a_wrong_secret_is_refused_for_good(portal: FakePortal) -> None:
    outcome = posted(portal, secret="whsec_" + "QUJD" * 8)
    assert isinstance(outcome, Dead)
    assert portal.refused == ["wrong signature"]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_QUJD", "not base 64 at all!", "QUJD" * 40])
def test_a_secret_that_cannot_sign_is_said_before_anything_is_sent(portal: FakePortal, secret: str) -> None:
    outcome = posted(portal, secret=secret)
    assert isinstance(outcome, Dead)
    assert "secret" in outcome.why
    assert len(secret) < 8 or secret not in outcome.why
    assert not portal.requests


def test_an_acknowledgement_is_the_word_true_alone(portal: FakePortal) -> None:
    for said in (
        "1",
        '"true"',
        "[]",
        "null",
        '{"acknowledged": 1}',
        '{"acknowledged": "yes"}',
        '"acknowledged"',
    ):
        portal.trouble(200, kept=True, body=said.encode())
        assert isinstance(posted(portal), Accepted)


@pytest.mark.parametrize(
    ("said", "reference"),
    [
        (b"", ""),
        (b"\xff\xfe\x00", ""),
        (b"[" * 60_000, ""),
        (b"9" * 60_000, ""),
        (b'{"reference": 17}', "17"),
        (b'{"reference": true}', ""),
        (b'{"reference": {"a": 1}}', ""),
        (b'{"reference": "\\u001b[31mA\\u202eB\\n https://x"}', "AB https[:]//x"),
        (b'{"reference": "' + b"x" * 500 + b'"}', "x" * 99 + "\u2026"),
        (b'{"reference": "' + b"x" * 70_000 + b'"}', ""),
    ],
)
def test_a_hostile_answer_is_bounded_and_inert(portal: FakePortal, said: bytes, reference: str) -> None:
    portal.trouble(201, kept=True, body=said)
    outcome = posted(portal)
    assert isinstance(outcome, Accepted)
    assert outcome.external_id == reference
    assert len(outcome.response) <= 210


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_portal_in_trouble_is_tried_later_and_takes_it_once(portal: FakePortal, status: int) -> None:
    portal.trouble(status)
    assert isinstance(posted(portal), TryLater)
    assert isinstance(posted(portal, 2), Accepted)
    assert len(portal.received) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("999999999999999999999", LONGEST_ASKED),
        ("86400", LONGEST_ASKED),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
        ("Fri, 20 Nov 2026 09:00:00", None),
        ("Fri, 20 Nov 1970 09:00:00 GMT", 0.0),
        ("Fri, 20 Nov 9999 09:00:00 GMT", LONGEST_ASKED),
    ],
)
def test_a_portal_says_when_to_come_back(portal: FakePortal, said: str, seconds: float | None) -> None:
    portal.trouble(503, retry_after=said.encode().decode("latin-1"))
    outcome = posted(portal)
    assert isinstance(outcome, TryLater)
    assert outcome.after == seconds


def test_a_date_to_come_back_is_counted_from_now(portal: FakePortal) -> None:
    portal.trouble(429, retry_after=format_datetime(wall() + timedelta(minutes=10)))
    outcome = posted(portal)
    assert isinstance(outcome, TryLater)
    assert outcome.after is not None
    assert 500 < outcome.after <= 600


def test_a_lost_answer_is_resolved_by_the_same_key(portal: FakePortal) -> None:
    portal.trouble(lose_answer=True)
    assert isinstance(posted(portal), Unknown)
    way = WebhookWay(wall, trust=portal.trust, near=True)
    assert way.find(parcel(address=portal.url)) == Absent()
    way.close()
    assert posted(portal, 2) == Accepted("PORTAL-0001", '200 {"reference": "PORTAL-0001"}')
    assert len(portal.received) == 1


def test_each_attempt_has_the_same_body(portal: FakePortal) -> None:
    portal.trouble(lose_answer=True)
    posted(portal)
    posted(portal, 2)
    first, second = portal.requests
    assert first[1]["content-length"] == second[1]["content-length"]
    assert first[1]["webhook-id"] == second[1]["webhook-id"]


def test_a_conflict_is_an_acceptance_only_after_an_earlier_attempt() -> None:
    with FakePortal(conflict=True) as portal:
        posted(portal)
        assert isinstance(posted(portal, 1), Dead)
        outcome = posted(portal, 2)
    assert isinstance(outcome, Accepted)
    assert outcome.external_id == "PORTAL-0001"


def test_a_conflict_without_a_reference_proves_nothing(portal: FakePortal) -> None:
    """Portals answer so too while an earlier attempt is being dealt with still."""
    portal.trouble(status=409, body=b'{"title": "request in progress"}')
    assert isinstance(posted(portal, 2), TryLater)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(portal: FakePortal, status: int) -> None:
    with FakePortal() as elsewhere:
        portal.trouble(status, location=elsewhere.url)
        outcome = posted(portal)
        assert not elsewhere.requests
    assert isinstance(outcome, Dead)
    assert "elsewhere" in outcome.why
    assert "https://" not in outcome.why


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422])
def test_a_plain_refusal_is_final(portal: FakePortal, status: int) -> None:
    portal.trouble(status)
    outcome = posted(portal)
    assert outcome == Dead(f'the portal refuses: {status} {{"error": "trouble"}}')


def test_a_huge_answer_is_not_read(portal: FakePortal) -> None:
    portal.trouble(200, kept=True, body=b"x" * 20_000_000)
    assert posted(portal) == Accepted("", "200")


def test_a_dripping_answer_is_cut(portal: FakePortal) -> None:
    portal.trouble(200, kept=True, body=b"x" * 2_000, drip=True)
    began = wall()
    assert posted(portal, timeout=1.0) == Accepted("", "200")
    assert wall() - began < timedelta(seconds=30)


def test_a_portal_that_is_too_slow_leaves_the_outcome_unknown(portal: FakePortal) -> None:
    portal.trouble(wait=3.0)
    assert isinstance(posted(portal, timeout=0.5), Unknown)


def test_a_portal_that_is_not_there_is_tried_later() -> None:
    gone = FakePortal()
    gone.close()
    assert isinstance(posted(gone), TryLater)


def test_a_certificate_of_somebody_else_is_refused(portal: FakePortal) -> None:
    outcome = WebhookWay(wall, near=True).send(parcel(address=portal.url), 1)
    assert isinstance(outcome, TryLater)
    assert "certificate" in outcome.why
    assert not portal.requests


def test_a_portal_that_asks_for_our_certificate_gets_it(tmp_path: Path) -> None:
    with FakePortal(mutual=True) as portal:
        outcome = posted(portal)
        assert isinstance(outcome, TryLater)
        assert "certificate" in outcome.why
        way = WebhookWay(wall, trust=portal.trust, certificate=client_certificate(tmp_path), near=True)
        assert isinstance(way.send(parcel(address=portal.url), 1), Accepted)


@pytest.mark.parametrize("content", ["", "no certificate", None])
def test_a_certificate_that_cannot_be_used_is_said_at_once(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "client.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SetupFault):
        WebhookWay(wall, trust=ssl.create_default_context(), certificate=file)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "portal",
        "http://portal.example/notices",
        "ftp://portal.example",
        "https://",
        "https:///notices",
        "https://user:word@portal.example/",
        "https://portal.example\r\nX: y/",
        "https://portal.example/" + "x" * 2_000,
        "https://[::1",
        "https://portal.example:99999/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_a_portal_is_said_before_anything_is_sent(address: str) -> None:
    outcome = WebhookWay(wall, near=True, timeout=0.5).send(parcel(address=address), 1)
    assert outcome == Dead("this is no address of a portal - https, and no password in it")


def test_http_is_spoken_on_loopback_and_only_if_told_so() -> None:
    with FakePortal(tls=False) as portal:
        assert isinstance(posted(portal), Accepted)
        assert isinstance(WebhookWay(wall).send(parcel(address=portal.url), 1), Dead)
        assert len(portal.requests) == 1


def test_an_address_of_our_own_network_gets_nothing(portal: FakePortal) -> None:
    way = WebhookWay(wall, trust=portal.trust)
    for host in ("127.0.0.1", "localhost"):
        outcome = way.send(parcel(address=f"https://{host}:{portal.port}/notices"), 1)
        assert outcome == Dead("the portal's address leads into our own network")
    assert not portal.requests


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("172.16.3.4", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_our_own_network_is_known_in_every_form(address: str, outside: bool) -> None:
    assert is_outside(address) == outside


@pytest.mark.parametrize("media_type", ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"])
def test_a_page_for_people_proves_nothing(portal: FakePortal, media_type: str) -> None:
    """A login page or a shop's front answers any request with 200: only a link or a person says more."""
    portal.trouble(status=200, body=b"<!doctype html><title>Sign in</title>", media_type=media_type)
    outcome = posted(portal)
    assert isinstance(outcome, Dispatched)
    assert outcome.external_id == ""


def test_a_portal_in_a_named_network_is_reached_and_in_no_other(portal: FakePortal) -> None:
    ours = (ip_network("127.0.0.0/8"),)
    way = WebhookWay(wall, trust=portal.trust, networks=ours)
    assert isinstance(way.send(parcel(address=portal.url), 1), Accepted)
    vpn = (ip_network("10.8.0.0/16"), ip_network("fd12::/32"))
    reached = ["10.8.3.4", "fd12::7", "::ffff:10.8.3.4", "93.184.216.34"]
    assert all(may_reach(each, vpn) for each in reached)
    refused = ["10.9.0.1", "127.0.0.1", "169.254.169.254", "fd13::7", "::1", "192.168.0.1", "fe80::1%eth0"]
    assert not any(may_reach(each, vpn) for each in refused)


@pytest.mark.parametrize("said", ["169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/0", "::/0", "10.8.0.1/16", "vpn"])
def test_only_private_networks_are_let_in(said: str) -> None:
    with pytest.raises(SetupFault, match="SEVENTYTWO_PORTAL_NETWORKS"):
        Settings.from_env({"SEVENTYTWO_PORTAL_NETWORKS": f"10.8.0.0/16, {said}"})
    found = Settings.from_env({"SEVENTYTWO_PORTAL_NETWORKS": "10.8.0.0/16, fd12:3456::/48"})
    assert [str(each) for each in found.portal_networks] == ["10.8.0.0/16", "fd12:3456::/48"]


def test_nothing_of_an_exercise_leaves(portal: FakePortal) -> None:
    assert isinstance(posted(portal, exercise=True), Dead)
    assert not portal.requests


def test_a_key_that_no_header_can_bear_is_said_before_anything_is_sent(portal: FakePortal) -> None:
    assert isinstance(posted(portal, key="a\r\nx: y"), Dead)
    assert not portal.requests


def test_neither_secret_nor_address_nor_text_is_logged(
    portal: FakePortal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    portal.trouble(500)
    outcome = posted(portal)
    shown = caplog.text + repr(parcel(address=portal.url)) + repr(outcome)
    assert not [each for each in (parcel().secret, portal.url, TEXT, "privacy@") if each in shown]


def test_hostile_words_arrive_as_words(portal: FakePortal) -> None:
    name = 'Evil"\r\nX-Evil: 1\u202e\x00'
    assert isinstance(posted(portal, name=name, subject=name, ref=name), Accepted)
    received = portal.expect("d-7-1")
    assert received.body["to"] == name
    assert "x-evil" not in received.headers
    assert json.dumps(received.body)
