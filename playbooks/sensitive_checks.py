"""The checksums of payment card and national identity numbers, each over bare digits and letters. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

CARD: Final = "payment card number"

_IINS: Final = (
    (re.compile(r"4"), frozenset({13, 16, 19})),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), frozenset({16})),  # Mastercard
    (re.compile(r"3[47]"), frozenset({15})),  # American Express
    (re.compile(r"30[0-5]|3095|36|3[89]"), frozenset({14, 16, 19})),  # Diners Club
    (re.compile(r"6011|64[4-9]|65|62|81"), frozenset({16, 17, 18, 19})),  # Discover, UnionPay, RuPay
    (re.compile(r"352[89]|35[3-8]"), frozenset({16, 17, 18, 19})),  # JCB
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), frozenset(range(13, 20))),  # Maestro
    (re.compile(r"220[0-4]"), frozenset({16, 17, 18, 19})),  # Mir
    (re.compile(r"508[5-9]|60|82|9792"), frozenset({16})),  # RuPay, Troy
)

_TIMES: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNS: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip

_IBANS: Final = {
    length: frozenset(codes.split())
    for length, codes in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "PT ST",
        26: "IS TR",
        27: "FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB PL",
        29: "BR EG PS QA UA",
        30: "JO KW MU",
        31: "MT SC",
    }.items()
}


def card(digits: str) -> bool:
    """Whether these digits are a card's: a known issuer, its length, and Luhn's sum."""
    is_issued = any(iin.match(digits) and len(digits) in lengths for iin, lengths in _IINS)
    return is_issued and luhn(digits)


def luhn(digits: str) -> bool:
    """Luhn's sum."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def aadhaar(digits: str) -> bool:
    """Verhoeff's sum."""
    check = 0
    for place, char in enumerate(reversed(digits)):
        turned = int(_TURNS[place % 8][int(char)])
        check = int(_TIMES[check][turned])
    return check == 0


def steuer_id(digits: str) -> bool:
    """One digit twice or thrice among the first ten, no other repeated, and the sum of ISO 7064 MOD 11,10."""
    if re.fullmatch(r"1[2-9]\d\d[2-9]\d{6}", digits):
        return False  # as likely a North American telephone number
    counts = sorted(Counter(digits[:10]).values(), reverse=True)
    if counts[0] not in (2, 3) or counts[1:2] != [1]:
        return False
    product = 10
    for char in digits[:10]:
        product = ((int(char) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def spanish(written: str) -> bool:
    """The letter of a DNI or NIE."""
    number = written[:-1].translate(str.maketrans("XYZ", "012"))
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == written[-1]


def looks_like_date(digits: str) -> bool:
    """Whether eight digits are as likely a day of our time."""
    return re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits) is not None


def iban_length(country: str) -> int:
    """How long an IBAN of a country is; 0 where none are issued."""
    return next((length for length, codes in _IBANS.items() if country.upper() in codes), 0)


def is_iban(written: str) -> bool:
    """The sum of ISO 7064 MOD 97-10."""
    turned = written[4:] + written[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
