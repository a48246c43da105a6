"""Numbers of people and records as words say them, compared with what the facts know.

Only a sentence that says that data was affected counts: how many customers there are at all is no claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from playbooks.fact_types import UNKNOWN, FactValue, Range
from playbooks.notices.dates_said import without_dates
from playbooks.notices.findings import NoticeFinding, Severity
from playbooks.notices.sentences import PLANS, sentences_in

_NUMBER: Final = (
    r"(\d{1,3}(?:[.,'\u2019\u00a0\u202f ]\d{3})+|\d+)"
    r"(?:\s*(k\b|thousand|million|tausend|mio\.?|millionen|mil\b|millones|nghìn|ngàn|triệu))?"
)
_TIMES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("k", "thousand", "tausend", "mil", "nghìn", "ngàn"), 1_000),
    **dict.fromkeys(("million", "mio", "mio.", "millionen", "millones", "triệu"), 1_000_000),
}
_LEAST: Final = r"at least|more than|over|mindestens|mehr als|über|al menos|más de|ít nhất|hơn|trên|>=?"
_MOST: Final = (
    r"up to|at most|fewer than|less than|under|bis zu|höchstens|weniger als|hasta|menos de|tối đa|dưới|<=?"
)
_ABOUT: Final = (
    r"about|around|approximately|approx\.?|roughly|some|nearly|almost|circa|ca\.?|~|≈|etwa|ungefähr|rund|"
    r"unos|unas|cerca de|aproximadamente|alrededor de|khoảng|gần"
)
_BETWEEN: Final = rf"{_NUMBER}\s*(?:-|\u2013|to|and|bis|und|a|y|đến|tới)\s*{_NUMBER}"
_PEOPLE: Final = (
    r"people|persons?|individuals?|data subjects?|customers?|patients?|employees?|users?|members?|"
    r"subscribers?|"
    r"account holders?|applicants?|students?|personen|menschen|betroffenen?|kunden|patienten|beschäftigten?|"
    r"mitarbeitern?|nutzern?|personas?|clientes?|pacientes?|emplead[oa]s?|usuari[oa]s?|afectad[oa]s|"
    r"người|khách hàng|bệnh nhân|nhân viên"
)
_RECORDS: Final = r"records?|entries|rows|data ?sets?|datensätzen?|einträgen?|registros?|bản ghi|hồ sơ"
_AFFECTED: Final = re.compile(
    r"affect|concern|impact|involv|expos|compromis|whose|\b(?:data|details|records|files|list) of\b|breach|"
    r"leak|stolen|copied|disclos|access|download|export|obtain|view|betroff|abgeflossen|kopiert|gestohlen|"
    r"eingesehen|exportiert|afectad|copiad|robad|filtrad|descargad|expuest|accedid|ảnh hưởng|sao chép|lộ|"
    r"đánh cắp|truy cập",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    rf"(?:\b(?P<least>{_LEAST})\s*|\b(?P<most>{_MOST})\s*|(?P<about>(?:\b|(?=[~≈]))(?:{_ABOUT})\s*))?"
    rf"(?:(?P<between>(?<![\d.,:/-]){_BETWEEN})|(?P<one>(?<![\d.,:/-]){_NUMBER}))(?![\d:/%])"
    rf"\s+(?:of\s+(?:the|our|its)\s+)?(?:[^\W\d]+\s+){{0,2}}?(?:(?P<people>{_PEOPLE})|(?P<records>{_RECORDS}))\b",
    re.IGNORECASE,
)
_FACT_OF: Final = {"people": "people_affected", "records": "records_affected"}
_CONTENT_OF: Final = {"people": "number_of_people", "records": "number_of_records"}
_SLACK: Final = 4
"""About 100 may be a quarter less or more."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people or records as a sentence says it."""

    of: str
    low: int
    high: int | None
    is_exact: bool
    shown: str


def counts_in(sentence: str) -> Iterator[Count]:
    """The numbers of people and of records that a sentence says are affected."""
    if not _AFFECTED.search(sentence):
        return
    for match in _SAID.finditer(without_dates(sentence)):
        of = "people" if match["people"] else "records"
        shown = " ".join(match[0].split())
        if match["between"]:
            low, high = (_read(*found) for found in re.findall(_NUMBER, match["between"], re.IGNORECASE)[:2])
            yield Count(of, min(low, high), max(low, high), False, shown)
            continue
        number = _read(*re.findall(_NUMBER, match["one"], re.IGNORECASE)[0])
        if match["least"]:
            yield Count(of, number, None, False, shown)
        elif match["most"]:
            yield Count(of, 0, number, False, shown)
        elif match["about"]:
            yield Count(of, number - number // _SLACK, number + number // _SLACK, False, shown)
        else:
            yield Count(of, number, number, True, shown)


def check_numbers(values: Mapping[str, object], facts: Mapping[str, FactValue]) -> Iterator[NoticeFinding]:
    """Numbers in the words that the facts contradict, or that are more exact than the facts."""
    for sentence in sentences_in(values, never=PLANS):
        for count in counts_in(sentence.words):
            known = facts.get(_FACT_OF[count.of], UNKNOWN)
            if (found := _against(count, known)) is not None:
                code, severity, mend = found
                yield NoticeFinding(code, severity, sentence.content, f"\u201c{count.shown}\u201d: {mend}")


def _against(count: Count, known: FactValue) -> tuple[str, Severity, str] | None:
    fact = _FACT_OF[count.of]
    if not isinstance(known, Range):
        if count.is_exact:
            return "exact_number", "warn", f"{fact} is unknown: say that it is, or state the fact"
        return "number_unsupported", "warn", f"{fact} is unknown: state the fact, so that the notice shows it"
    is_above = known.high is not None and count.low > known.high
    if is_above or (count.high is not None and count.high < known.low):
        return "number_contradicts", "warn", f"{fact} is {known}: correct the words or the fact"
    if count.is_exact and known.low != known.high:
        return "exact_number", "warn", f"{fact} is {known}: say it as a range"
    return None


def _read(digits: str, times: str = "") -> int:
    return int(re.sub(r"\D", "", digits)) * _TIMES.get(times.casefold().strip(), 1)
