"""What English words claim about data copied, encrypted or concerned, and about our role, against the facts.

Few patterns, each for a sentence that says it outright: a false alarm costs time that a clock takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from playbooks.fact_types import FactValue
from playbooks.notices.findings import NoticeFinding, Severity
from playbooks.notices.sentences import PLANS, STORY, sentences_in
from playbooks.notices.unknowns import MAYBE_MORE

_I: Final = re.IGNORECASE
_DATA: Final = r"(?:personal |customer |client |the |any |such )*(?:data|information|records?|files?)"
_GONE: Final = (
    r"(?:left|leave|leaked|copied|taken|stolen|exfiltrated|downloaded|extracted|transferred|exported|"
    r"exfiltration|theft)"
)
_PLAIN: Final = r"(?:(?!\b(?:can|could|may|might|will|would|further|other|more|not|no)\b)[^.!?;,]){0,30}?"
_NOTHING_LEFT: Final = re.compile(
    rf"\bno (?:personal |customer |client )*(?:data|information|records|files)\b{_PLAIN}\b{_GONE}\b"
    rf"|\b{_DATA} (?:(?:was |were |has |have |had |did )?(?:not|never)|\w+n['\u2019]t)(?: been)? "
    rf"(?:\w+ly )?{_GONE}\b"
    rf"|\bnothing (?:was |has been |had been )?{_GONE}\b"
    rf"|\b(?:no|without) (?:evidence|indication|sign|trace)s? (?:that|of)\b{_PLAIN}\b{_GONE}\b"
    r"|\b(?:was|has been) no (?:data )?(?:exfiltration|theft)\b"
    rf"|\bdid(?: not|n['\u2019]t) (?:copy|take|steal|download|extract|exfiltrate|export) {_DATA}\b",
    _I,
)
_OF_GONE: Final = re.compile(
    r"\s+(?!of )(?:\w+ )?(?:data|information|records|files)\b|\s+(?:has|have|was|were)\b", _I
)
"""What follows `copied` where it says which data, not that it was copied."""
_ANY: Final = r"(?:(?:personal|customer|client|the|any|such|of|our|your) )*(?:data|information|records|files)"
_OUT: Final = r"(?:copied|taken|stolen|leaked|exfiltrated|downloaded|extracted|transferred|exported)"
_WENT: Final = rf"(?:was|were|has been|have been|had been)(?: \w+ly)? (?:\w+ (?:or|nor|and) )?{_OUT}"
_OURS: Final = r"(?:our|the|your) (?:systems?|networks?|control|company)"
_LEFT: Final = (
    r"(?:has |have |had )?(?:left|leaked from) (?:our|the|your) (?:systems?|networks?|control|company)"
)
_OUTRIGHT: Final = re.compile(
    r"(?:(?:so far|to date|at this (?:time|stage|point)|as far as we know|fortunately|however),? )?"
    r"(?:"
    rf"no {_ANY} (?:{_WENT}|{_LEFT})"
    rf"|nothing {_WENT}"
    rf"|{_ANY} (?:(?:was|were|has been|have been)(?: not| never|n['\u2019]t)(?: been)?|"
    rf"(?:has|have) (?:never|not) been) {_OUT}"
    rf"|{_ANY} (?:did not leave|didn['\u2019]t leave|never left) {_OURS}"
    r"|(?:there (?:is|was|has been)|we (?:have|had|found|see|saw)) (?:found )?"
    r"no (?:evidence|indication|sign|trace)s? "
    rf"(?:that {_ANY} (?:{_WENT}|{_LEFT})|of (?:any )?(?:data )?(?:exfiltration|theft)(?: of {_ANY})?)"
    rf"|there (?:was|has been) no (?:data )?(?:exfiltration|theft)(?: of {_ANY})?"
    r"|(?:the |an )?(?:attackers?|intruders?|they|nobody|unknown person) did(?: not|n['\u2019]t) "
    rf"(?:copy|take|steal|download|extract|exfiltrate|export) {_ANY}"
    r")(?: from (?:our|the) (?:systems?|networks?))?(?: at any time)?\s*[.!]?",
    _I,
)
"""A whole sentence that denies that any data was copied, with no word about which data, where or when."""
_SOMETHING_LEFT: Final = re.compile(
    r"(?<!no )(?<!whether )\b(?:data|information|records|files) (?:was|were|has been|have been|had been) "
    r"(?:\w+ly )?(?:copied|taken|stolen|exfiltrated|downloaded|extracted|leaked)\b",
    _I,
)
_UNSURE: Final = re.compile(r"\b(?:whether|if|not yet known|may|might|could|possibl[ey]|suspect\w*)\b", _I)
_READABLE_NOT: Final = (
    r"(?:encrypted|unreadable|enciphered|unintelligible|tokeni[sz]ed|password[- ]protected)"
)
_WAS_ENCRYPTED: Final = re.compile(
    rf"\b(?P<what>data|information|records?|files?|disks?|drives?|laptops?|devices?|backups?|database)\b"
    rf"(?: [\w-]+){{0,4}}? (?:was|were|is|are|had been|have been|has been|remains?) "
    rf"(?:\w+ly )?{_READABLE_NOT}\b"
    rf"|\ball of it (?:was|is) (?:\w+ly )?{_READABLE_NOT}\b",
    _I,
)
_ALL_UNREADABLE: Final = re.compile(
    r"(?:(?:all|the|this|that|of|personal|customer|client|your|our) )*(?:data|information|records?)"
    r"(?: (?:concerned|affected|copied|taken|stolen|involved|in question|on it|on them))? "
    rf"(?:was|were|is|are|had been|have been|has been|remains?)(?: \w+ly)? {_READABLE_NOT}"
    r"(?: (?:with|using) [\w -]{1,30})?\s*[.!]?|.*\ball of it (?:was|is)(?: \w+ly)? .*",
    _I,
)
"""A whole sentence that calls all of the data unreadable."""
_TAKEN_HOSTAGE: Final = re.compile(
    r"ransom|extort|encrypted by|locked|"
    r"(?:attackers?|criminals?|intruders?|they) (?:has |have |had )?encrypted",
    _I,
)
_ENCRYPTED_BY: Final = re.compile(r"ransom|malware|attacker|intruder|extort|encrypted by|lock(?:ed|er)", _I)
_WAS_READABLE: Final = re.compile(
    r"\b(?:data|information|records?|files?|disks?|drives?|laptops?|devices?)\b(?: [\w-]+){0,4}? "
    r"(?:(?:was|were|is|are|had been)(?: not|n['\u2019]t) encrypted|(?:was|were|is|are) unencrypted|"
    r"(?:was|were|is|are) in (?:plain|clear) ?text)",
    _I,
)
_ROLES: Final = {
    role: re.compile(
        rf"\bwe (?:are|were|act|acted|remain)(?: as)? (?:only )?(?:a|an|the|its|your)? ?"
        rf"(?:joint |data )*{role}\b"
        rf"|\b(?:in our (?:role|capacity) as|as) (?:a|the|your|its) (?:data )?{role}"
        rf"(?:,| of (?:this|the|your) data,?) we\b"
        rf"|\bin our (?:role|capacity) as (?:a |the )?(?:data )?{role}\b",
        _I,
    )
    for role in ("controller", "processor")
}
_CATEGORIES: Final = {
    "credentials": re.compile(
        r"\b(?:passwords?|login credentials|api keys?|security answers?|private keys?)\b", _I
    ),
    "card": re.compile(r"\b(?:(?:payment|credit|debit)[- ]cards?|card numbers?|cvv)\b", _I),
    "health": re.compile(
        r"\b(?:health (?:data|records?|information)|medical (?:data|records?|history)|diagnos[ei]s)\b", _I
    ),
    "government_id": re.compile(
        r"\b(?:passports?|identity (?:cards?|numbers?|documents?)|social security numbers?|"
        r"driving licen[cs]es?|"
        r"driver['\u2019]s licen[cs]es?|tax numbers?)\b",
        _I,
    ),
    "financial": re.compile(
        r"\b(?:bank (?:accounts?|details)|account numbers?|ibans?|salar(?:y|ies)|payslips?)\b", _I
    ),
    "biometric": re.compile(r"\b(?:fingerprints?|biometric data|voice ?prints?|face scans?)\b", _I),
    "children": re.compile(
        r"\b(?:children|minors)(?:['\u2019]s?)? (?:data|records?|details)|\bdata of (?:children|minors)\b", _I
    ),
}
_TOUCHED: Final = re.compile(
    r"\b(?:accessed|copied|stolen|exposed|taken|downloaded|disclosed|viewed|affected|involved|compromised|leaked|"
    r"obtained|exported|published|included|contained)\b",
    _I,
)
_DENIED: Final = re.compile(r"\b(?:no|not|never|neither|nor|without|none|n['\u2019]t)\b|n['\u2019]t\b", _I)


def check_claims(values: Mapping[str, object], facts: Mapping[str, FactValue]) -> Iterator[NoticeFinding]:
    """Sentences of English words that the facts contradict; only what says it of all the data blocks."""
    is_hostage = any(isinstance(said, str) and _TAKEN_HOSTAGE.search(said) for said in values.values())
    for sentence in sentences_in(values):
        for code, severity, mend in (
            *_role(sentence.words, facts),
            *(() if sentence.content in PLANS else _copied(sentence.words, facts)),
            *(() if sentence.content in PLANS else _encrypted(sentence.words, facts, is_hostage)),
            *(_categories(sentence.words, facts) if sentence.content in STORY else ()),
        ):
            shown = sentence.words if len(sentence.words) <= 120 else sentence.words[:119] + "\u2026"
            yield NoticeFinding(code, severity, sentence.content, f"\u201c{shown}\u201d: {mend}")


_Claim = tuple[str, Severity, str]


def _copied(words: str, facts: Mapping[str, FactValue]) -> Iterator[_Claim]:
    exfiltrated = facts.get("exfiltrated")
    if re.search(r"\b(?:whether|if|not yet known)\b", words, _I):
        return
    denied = _NOTHING_LEFT.search(words)
    if exfiltrated is True and denied and not _OF_GONE.match(words, denied.end()):
        severity: Severity = "block" if _OUTRIGHT.fullmatch(words) else "warn"
        yield "copied_contradicts", severity, "exfiltrated is yes: correct the words or the fact"
    is_said = _SOMETHING_LEFT.search(words) and not _UNSURE.search(words) and not _DENIED.search(words)
    if exfiltrated is False and is_said:
        yield "copied_contradicts", "warn", "exfiltrated is no: correct the words or the fact"


def _encrypted(words: str, facts: Mapping[str, FactValue], is_hostage: bool) -> Iterator[_Claim]:
    encrypted = facts.get("encrypted")
    is_ours = not _ENCRYPTED_BY.search(words) and not _UNSURE.search(words)
    said = _WAS_ENCRYPTED.search(words)
    if encrypted is False and said and is_ours and not _DENIED.search(said[0]):
        is_all = _ALL_UNREADABLE.fullmatch(words) and not is_hostage
        mend = "encrypted is no: correct the words or the fact"
        yield "encrypted_contradicts", "block" if is_all else "warn", mend
    if encrypted is True and is_ours and _WAS_READABLE.search(words):
        yield "encrypted_contradicts", "warn", "encrypted is yes: correct the words or the fact"


def _role(words: str, facts: Mapping[str, FactValue]) -> Iterator[_Claim]:
    ours = facts.get("our_role")
    for role, said in _ROLES.items():
        if ours in _ROLES and role != ours and said.search(words) and not _DENIED.search(words):
            yield "role_contradicts", "warn", f"our_role is {ours}: correct the words or the fact"


def _categories(words: str, facts: Mapping[str, FactValue]) -> Iterator[_Claim]:
    known = facts.get("data_categories")
    if not isinstance(known, frozenset) or not _TOUCHED.search(words) or _UNSURE.search(words):
        return
    is_denied = _DENIED.search(words) is not None
    for category, said in _CATEGORIES.items():
        if not said.search(words):
            continue
        if is_denied and category in known:
            yield "category_denied", "warn", f"data_categories names {category}: correct one of them"
        elif not is_denied and not known & {category, MAYBE_MORE}:
            yield (
                "category_omitted",
                "warn",
                f"data_categories lacks {category}: state it, or correct the words",
            )
