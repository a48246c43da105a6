"""Numbers that no answer may hold are found however they are written, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
import ipaddress
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.sensitive import find_numbers, kinds_in, without_numbers
from playbooks.sensitive_checks import aadhaar, is_iban, luhn

CARD = "payment card number"
WORDS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz ,;\n"), max_size=40)


def completed(body: str) -> str:
    """A number with the last digit that makes Luhn's sum whole."""
    return next(body + digit for digit in "0123456789" if luhn(body + digit))


VISAS = st.from_regex(r"4[0-9]{14}", fullmatch=True).map(completed)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("4111111111111111", CARD),
        ("4111 1111 1111 1111", CARD),
        ("4111-1111-1111-1111", CARD),
        ("4111.1111.1111.1111", CARD),
        ("4111 1111 1111 1111".translate({ord("1"): "\N{FULLWIDTH DIGIT ONE}"}), CARD),
        ("4111\u200b1111\u200b1111\u200b1111", CARD),
        ("4111\u20111111\u20111111\u20111111", CARD),
        ("4111111111111111".translate({ord("1"): "\N{DEVANAGARI DIGIT ONE}"}), CARD),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", CARD),
        ("378282246310005", CARD),
        ("3782 822463 10005", CARD),
        ("30569309025904", CARD),
        ("6011000990139424", CARD),
        ("3530111333300000", CARD),
        ("2221000000000009", CARD),
        ("123-45-6789", "US social security number"),
        ("2345 6789 0124", "Aadhaar number"),
        ("ABCPE1234F", "Indian PAN"),
        ("AB123456C", "UK national insurance number"),
        ("AB 12 34 56 C", "UK national insurance number"),
        ("86095742719", "German tax number"),
        ("86 095 742 719", "German tax number"),
        ("12345678Z", "Spanish identity number"),
        ("X1234567L", "Spanish identity number"),
        ("DE89370400440532013000", "IBAN"),
        ("DE89 3704 0044 0532 0130 00", "IBAN"),
        ("GB82 WEST 1234 5698 7654 32", "IBAN"),
    ],
)
def test_a_number_is_found_by_kind_and_place_and_taken_out(written: str, kind: str) -> None:
    text = f"The caller read out {written} twice."
    (found,) = find_numbers(text)
    assert (found.kind, text[found.start : found.end]) == (kind, written)
    assert without_numbers(text) == f"The caller read out [{kind}] twice."
    assert written not in repr(found)


@pytest.mark.parametrize(
    ("alone", "named", "kind"),
    [
        ("001234567890", "CCCD 001234567890", "Vietnamese identity number"),
        ("001234567890", "căn cước công dân số 001234567890", "Vietnamese identity number"),
        ("234567890124", "Aadhaar: 234567890124", "Aadhaar number"),
        ("123456789", "her social security number is 123456789", "US social security number"),
        ("34-1234567-8", "34-1234567-8 (SSS)", "Philippine social security number"),
    ],
)
def test_a_number_whose_shape_says_little_counts_where_a_word_beside_it_names_it(
    alone: str, named: str, kind: str
) -> None:
    assert kinds_in(f"seen: {alone}") == ()
    assert kinds_in(named) == (kind,)


def test_what_stands_around_a_card_does_not_hide_it() -> None:
    assert kinds_in("4111 1111 1111 1111 12/27 123") == (CARD,)
    assert kinds_in("card=4111111111111111;cvv=123") == (CARD,)
    assert kinds_in("4111111111111111.") == (CARD,)
    assert kinds_in("4111111111111111, 5555555555554444 and AB123456C") == (
        CARD,
        "UK national insurance number",
    )


@pytest.mark.parametrize(
    "text",
    [
        "INC-2026-0001 and E12, O7, INC-2026-0001-Q4",
        "4111111111111112",
        "2026-03-01T14:05:00.123456Z",
        "1772373900123",
        "1772373900.123456",
        "+353 1 555 0100, +49 151 23456789, (212) 555-0100, 1-800-555-0199",
        "+4111111111111111",
        "12125550100",
        "account 234567890124 of the cloud",
        "20260301T140500Z",
        "between 2026-03-01 14:05 and 2026-03-02 09:30",
        "192.168.100.200 and 2001:db8::8a2e:370:7334",
        "4,111,111,111,111,111",
        "id_4111111111111111_x",
        "CVE-2026-41111, build 4111.11.1",
        "000-12-3456, 666-12-3456, 912-34-5678",
        "GB00WEST12345698765432",
        "",
    ],
)
def test_references_times_addresses_and_telephone_numbers_are_left_alone(text: str) -> None:
    assert find_numbers(text) == ()
    assert without_numbers(text) == text


@given(VISAS, WORDS, WORDS, st.sampled_from(["", " ", "-", ".", "\N{NO-BREAK SPACE}", "\N{SOFT HYPHEN}"]))
def test_a_card_is_found_in_any_words_and_grouping(number: str, before: str, after: str, gap: str) -> None:
    written = gap.join(number[place : place + 4] for place in range(0, 16, 4))
    text = f"{before} {written} {after}"
    assert CARD in kinds_in(text)
    assert written not in without_numbers(text)
    assert find_numbers(without_numbers(text)) == ()


@given(VISAS)
def test_a_card_with_one_wrong_digit_is_none(number: str) -> None:
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert CARD not in kinds_in(wrong)


@given(st.binary(), st.uuids(), st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)))  # noqa: DTZ001
def test_hashes_uuids_and_instants_never_match(data: bytes, name: uuid.UUID, at: datetime) -> None:
    for text in (hashlib.sha256(data).hexdigest(), hashlib.md5(data).hexdigest(), str(name), at.isoformat()):
        assert find_numbers(f"seen {text}, kept") == ()


@given(st.ip_addresses(), st.integers(2000, 2099), st.integers(1, 99_999))
def test_addresses_and_our_own_references_never_match(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, year: int, number: int
) -> None:
    assert find_numbers(f"{address} in INC-{year}-{number:04}") == ()


@given(st.integers(1, 999), st.lists(st.integers(0, 9_999), min_size=2, max_size=4))
def test_international_telephone_numbers_never_match(country: int, groups: list[int]) -> None:
    assert find_numbers(f"call +{country} {' '.join(f'{group:03}' for group in groups)}.") == ()


@given(st.text(max_size=200))
def test_any_text_is_read_and_places_lie_within_it(text: str) -> None:
    last = 0
    for found in find_numbers(text):
        assert last <= found.start < found.end <= len(text)
        last = found.end


@given(st.from_regex(r"[2-9][0-9]{10}", fullmatch=True), st.integers(1, 9))
def test_verhoeff_sees_every_single_wrong_digit(body: str, by: int) -> None:
    right = next(body + digit for digit in "0123456789" if aadhaar(body + digit))
    wrong = str((int(right[3]) + by) % 10)
    assert not aadhaar(right[:3] + wrong + right[4:])


def test_an_iban_counts_by_its_sum_alone() -> None:
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB82WEST12345698765423")


def test_a_long_hostile_text_is_read_in_a_moment() -> None:
    began = datetime.now(UTC)
    for text in ("4" * 20_000, "1 " * 10_000, "4-" * 10_000, "GB82" * 5_000, "1.1.1.1" * 3_000):
        find_numbers(text)
    assert (datetime.now(UTC) - began).total_seconds() < 10
