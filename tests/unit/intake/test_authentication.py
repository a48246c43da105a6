"""Who may bring an alert: signatures over time and body, bearer tokens, and what a repetition is known by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.intake.authentication import Accepted, Denied, sign, verify

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
BODY = b'{"title":"x"}'


def headers(stamp: str = STAMP, body: bytes = BODY, secret: str = "s") -> dict[str, str]:
    return {"x-seventytwo-timestamp": stamp, "x-seventytwo-signature": sign(secret, stamp, body)}


def test_the_signature_is_hmac_sha256_of_timestamp_dot_body() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac key
    expected = "v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    assert sign("key", "1700000000", b"{}") == expected


def test_a_signed_request_is_accepted_and_its_repetition_has_the_same_digest() -> None:
    first = verify("a", "hmac", "s", headers(), BODY, now=NOW)
    again = verify("a", "hmac", "s", headers(), BODY, now=NOW + timedelta(seconds=9))
    assert isinstance(first, Accepted)
    assert first.digest
    assert first == again


@pytest.mark.parametrize(
    ("given", "body", "reason"),
    [
        ({}, BODY, "unsigned"),
        ({"x-seventytwo-timestamp": STAMP}, BODY, "unsigned"),
        (headers(secret="other"), BODY, "wrong"),
        (headers(), BODY + b" ", "wrong"),
        ({**headers(), "x-seventytwo-timestamp": str(int(STAMP) + 1)}, BODY, "wrong"),
        ({**headers(), "x-seventytwo-signature": "v1=é"}, BODY, "wrong"),
        (headers(stamp=str(int(STAMP) - 301)), BODY, "stale"),
        (headers(stamp=str(int(STAMP) + 301)), BODY, "stale"),
        (headers(stamp="yesterday"), BODY, "stale"),
        (headers(stamp="9" * 400), BODY, "stale"),
        (headers(stamp="\u0661"), BODY, "stale"),
    ],
)
def test_what_is_unsigned_wrong_or_stale_is_denied_by_name(
    given: dict[str, str], body: bytes, reason: str
) -> None:
    assert verify("a", "hmac", "s", given, body, now=NOW) == Denied(reason)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_either_way_are_within_the_window(seconds: int) -> None:
    assert isinstance(
        verify("a", "hmac", "s", headers(), BODY, now=NOW + timedelta(seconds=seconds)), Accepted
    )


def test_a_bearer_token_is_accepted_and_knows_a_repetition_by_its_key_and_body_only() -> None:
    plain = verify("a", "bearer", "s", {"authorization": "Bearer s"}, BODY, now=NOW)
    keyed = {"authorization": "bearer s", "idempotency-key": "k"}
    first, other = (verify("a", "bearer", "s", keyed, body, now=NOW) for body in (BODY, b"{}"))
    assert plain == Accepted(None)
    assert first == verify("a", "bearer", "s", keyed, BODY, now=NOW)
    assert first != other


@pytest.mark.parametrize(
    ("given", "reason"),
    [({}, "unsigned"), ({"authorization": "Basic s"}, "unsigned"), ({"authorization": "Bearer t"}, "wrong")],
)
def test_a_missing_or_other_token_is_denied(given: dict[str, str], reason: str) -> None:
    assert verify("a", "bearer", "s", given, BODY, now=NOW) == Denied(reason)  # type: ignore[arg-type]


def test_a_signature_does_not_open_a_bearer_source() -> None:
    assert verify("a", "bearer", "s", headers(), BODY, now=NOW) == Denied("unsigned")


def test_the_same_request_to_two_sources_is_two_requests() -> None:
    one, other = (verify(source, "hmac", "s", headers(), BODY, now=NOW) for source in ("a", "b"))
    assert isinstance(one, Accepted)
    assert isinstance(other, Accepted)
    assert one.digest != other.digest
