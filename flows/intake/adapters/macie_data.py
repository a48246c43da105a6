"""Macie's sensitive-data results in our categories of data; Security Hub carries them too.

https://docs.aws.amazon.com/macie/latest/user/mdis-reference-quick.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flows.intake.adapters.hinting import data_hints
from flows.intake.adapters.spotting import named, spoken
from playbooks.alerts.view import DataHint

_IDENTIFIERS: Final[Mapping[DataHint, str]] = {
    "card": r"CREDIT_CARD",
    "financial": r"BANK_ACCOUNT|IBAN|BBAN|SWIFT|ROUTING|FINANCIAL_INFORMATION",
    "credentials": r"CREDENTIAL|PRIVATE_KEY|API_KEY|BASIC_AUTH|HTTP_COOKIE|JSON_WEB_TOKEN|SECRET_KEY",
    "health": r"HEALTH|MEDICARE|MEDICAL|NHS_NUMBER|NATIONAL_DRUG_CODE|DRUG_ENFORCEMENT|HCPCS|NPI\b|PHN\b",
    "government_id": (
        r"SOCIAL_(?:SECURITY|INSURANCE)|PASSPORT|LICEN[CS]E|NATIONAL_ID|NATIONAL_INSURANCE|TAX|ELECTORAL"
        r"|IDENTIFICATION_NUMBER|PERMANENT_ACCOUNT|AADHAAR|C[PN][FP]J?_|NI[EF]_|DNI_|RG_NUMBER|CODICE|INSEE"
    ),
    "contact": r"PHONE|\bADDRESS|EMAIL|CEP_CODE|POSTAL|ZIP_CODE",
    "location": r"LATITUDE",
    "personal_data": r"\bNAME\b|DATE_OF_BIRTH|PERSONAL_INFORMATION|VEHICLE_IDENTIFICATION",
}
"""What the managed identifiers are called, `VEHICLE_IDENTIFICATION_NUMBER` among the person's things."""

_PATTERNS: Final = tuple((hint, re.compile(words)) for hint, words in _IDENTIFIERS.items())
_VEHICLE: Final = "VEHICLE_IDENTIFICATION_NUMBER"
_FOUND: Final = ("sensitiveData.*.category", "sensitiveData.*.detections.*.type")
_CUSTOM: Final = ("customDataIdentifiers.detections.*.name",)


def data_found(result: Any) -> tuple[DataHint, ...]:
    """The categories of data in a `classificationDetails.result`; custom identifiers count by their words."""
    return data_called(*named(result, *_FOUND), custom=named(result, *_CUSTOM))


def data_called(*identifiers: str, custom: tuple[str, ...] = ()) -> tuple[DataHint, ...]:
    """The categories of data that managed identifiers, and the names of custom ones, stand for."""
    told = " ".join(identifiers).upper().replace(_VEHICLE, "VEHICLE_IDENTIFICATION")
    known = (hint for hint, pattern in _PATTERNS if pattern.search(told))
    return tuple(dict.fromkeys((*known, *data_hints(*(spoken(name) for name in custom)))))
