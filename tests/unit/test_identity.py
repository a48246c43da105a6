"""One-time codes: which instant a code belongs to, and how long a wrong one costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.identity import delay_after, matching_counter, new_secret, otpauth_uri
from playbooks.errors import InstantFault

# RFC 6238, appendix B, SHA-1: the ASCII secret 12345678901234567890, the last six of its eight digits
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_the_vectors_of_rfc_6238_match(seconds: int, code: str) -> None:
    assert matching_counter(RFC_SECRET, 30, code, at(seconds), window=0) == seconds // 30


@pytest.mark.parametrize(("shift", "known"), [(-30, True), (0, True), (31, True), (-61, False), (61, False)])
def test_a_code_counts_one_period_around_its_own(shift: int, known: bool) -> None:
    given_at = at(2_000_000_010)
    code = pyotp.TOTP(RFC_SECRET).at(given_at + timedelta(seconds=shift))
    expected = (2_000_000_010 + shift) // 30 if known else None
    assert matching_counter(RFC_SECRET, 30, code, given_at) == expected


@pytest.mark.parametrize(
    "code",
    [
        "",
        "28708",
        "2870820",
        "abcdef",
        "\u0662\u0668\u0667\u0660\u0668\u0662",
        "-87082",
        "28708\uff12",
        "287082; --",
    ],
)
def test_what_is_not_six_ascii_digits_matches_nothing(code: str) -> None:
    assert matching_counter(RFC_SECRET, 30, code, at(59)) is None


def test_a_code_typed_with_the_space_that_the_app_shows_is_read() -> None:
    assert matching_counter(RFC_SECRET, 30, " 287 082\n", at(59)) == 1


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(InstantFault):
        matching_counter(RFC_SECRET, 30, "287082", datetime(2026, 1, 1))  # noqa: DTZ001 - the very fault


def test_the_first_period_of_the_epoch_has_no_period_before_it() -> None:
    assert matching_counter(RFC_SECRET, 30, pyotp.HOTP(RFC_SECRET).at(0), at(0)) == 0


@given(seconds=st.integers(0, 4_000_000_000), period=st.sampled_from([1, 30, 60]))
def test_the_code_of_an_instant_always_matches_that_instant(seconds: int, period: int) -> None:
    code = pyotp.HOTP(RFC_SECRET).at(seconds // period)
    assert matching_counter(RFC_SECRET, period, code, at(seconds)) == seconds // period


def test_each_refusal_doubles_the_wait_up_to_a_minute() -> None:
    waits = [delay_after(refused).total_seconds() for refused in range(10)]
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert delay_after(10**9) == timedelta(seconds=60)


def test_the_enrolment_address_names_house_handle_and_secret() -> None:
    secret = new_secret()
    uri = urlsplit(otpauth_uri("it-1", secret))
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Seventytwo:it-1")
    assert parse_qs(uri.query)["secret"] == [secret]


def test_a_period_of_its_own_is_told_to_the_app() -> None:
    assert parse_qs(urlsplit(otpauth_uri("it-1", new_secret(), 1)).query)["period"] == ["1"]
