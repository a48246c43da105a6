"""What the words of a payload hint at: what sort of event it is, which data, and whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from playbooks.alerts.view import Category, DataHint

_LOOKED_AT = 1_000
_MOST = 50
_CLIENT_NAMES = frozenset({"client", "customer", "tenant", "client_id", "customer_id", "tenant_id"})

_CATEGORIES: Mapping[Category, tuple[str, ...]] = {
    "ransomware": (r"ransom", r"mass encryption"),
    "phishing": (r"phish",),
    "mailbox": (r"mailbox", r"inbox rule", r"forwarding rule", r"email compromise"),
    "misdirected": (r"misdirected", r"wrong recipient"),
    "cardholder": (r"cardholder", r"card skimm"),
    "data_loss": (r"exfiltrat", r"data (?:loss|leak|theft)", r"bulk (?:download|upload|export)", r"\bdlp\b"),
    "secret_leak": (r"(?:secret|(?:api|private|access) key|token)s? (?:leak|expos|publish|commit)",),
    "credential": (
        *(r"brute.?force", r"password (?:spray|guess)", r"credential", r"non-existent user", r"invalid user"),
        *(r"failed (?:login|logon|password)", r"login fail", r"authentication.fail", r"unauthori[sz]ed"),
        *(r"lsass", r"mimikatz", r"kerberoast"),
    ),
    "exposure": (r"internet.exposed", r"from the internet", r"publicly", r"public (?:access|bucket)"),
    "malware": (
        *(r"malware", r"malicious (?:file|code|behavior)", r"trojan", r"\bvirus", r"backdoor", r"\bworm\b"),
        *(r"rootkit", r"spyware", r"stealer", r"coin ?min(?:er|ing)", r"crypto.?min", r"botnet", r"beacon"),
        *(r"eicar", r"web.?shell", r"\bpup\b", r"adware", r"command.and.control"),
    ),
    "identity": (
        *(
            r"(?:impossible|atypical) travel",
            r"privilege escalation",
            r"privileged group",
            r"role.(?:assign|grant)",
        ),
        *(r"grantuserroles", r"\bmfa\b", r"account (?:takeover|manipulation)", r"persistence"),
    ),
    "data_access": (r"\bdecoy", r"(?:unusual|anomalous|unexpected) access"),
    "insider": (r"\binsider", r"\bleaver"),
    "device": (r"(?:lost|stolen) (?:device|laptop|phone)",),
    "outage": (
        r"\boutage",
        r"\b(?:is|instance|host|node|service|site) ?down\b",
        r"unreachable",
        r"unavailable",
        r"\blatency",
        r"disk (?:space|full)",
        r"out of memory",
    ),
    "network": (
        r"\bscan(?:ner|ning)?\b",
        r"port sweep",
        r"denial.of.service",
        r"\bddos\b",
        r"intrusion",
        r"exploit",
    ),
}
"""Words of titles, rules and tactics, in lower case; the first category with one of them is meant."""

_DATA: Mapping[DataHint, tuple[str, ...]] = {
    "card": (r"(?:credit|debit|payment).?cards?", r"cardholder", r"card number", r"\bpci\b"),
    "financial": (r"bank.?account", r"\biban\b", r"sort code", r"routing number", r"financial", r"\bsalar"),
    "government_id": (
        *(
            r"national insurance",
            r"\bnino\b",
            r"social security",
            r"\bssn\b",
            r"passport",
            r"driver'?s? licen",
        ),
        *(r"national id", r"identity (?:card|number|document)", r"government id", r"tax (?:file|id|payer)"),
    ),
    "health": (r"health", r"medical", r"patient", r"\bphi\b", r"hipaa", r"diagnos", r"prescription"),
    "credentials": (r"password", r"credential", r"(?:api|access|private).?key"),
    "contact": (r"e-?mail address", r"phone number", r"postal address", r"contact (?:detail|data)"),
    "children": (r"child", r"\bminors\b", r"\bpupil"),
    "employment": (r"\bcv\b", r"curriculum vitae", r"payroll", r"employee", r"human resources"),
    "biometric": (r"biometric", r"facial recognition", r"iris scan"),
    "location": (r"geo.?location", r"\bgps\b", r"location data"),
    "communications": (r"chat log", r"call recording", r"correspondence"),
    "special": (r"religio", r"ethnic", r"sexual", r"political", r"trade.union"),
    "secret": (r"\blegal\b", r"privileged communication", r"attorney", r"solicitor"),
    "personal_data": (
        *(r"personal.(?:data|information|identif)", r"personally.identif", r"\bpii\b", r"\bgdpr\b"),
        *(r"date of birth", r"\bdob", r"data protection", r"subject access", r"\bsar\b", r"\bdpa\b"),
    ),
}
"""Words of policies, data types and classifications, in lower case."""

_CATEGORY_WORDS = tuple((one, re.compile("|".join(words))) for one, words in _CATEGORIES.items())
_DATA_WORDS = tuple((one, re.compile("|".join(words))) for one, words in _DATA.items())


def category_of(*texts: str, otherwise: Category = "other") -> Category:
    """What sort of event the texts tell of, the gravest first; `otherwise` where none of them says."""
    return _category_told(_told(texts)) or otherwise


@lru_cache(maxsize=512)
def _category_told(told: str) -> Category | None:
    """Remembered, for a storm tells the same title thousands of times."""
    return next((category for category, words in _CATEGORY_WORDS if words.search(told)), None)


def data_hints(*texts: str) -> tuple[DataHint, ...]:
    """The categories of data that the names of policies, data types or classifications tell of."""
    told = _told(texts)
    return tuple(hint for hint, words in _DATA_WORDS if words.search(told))


def with_outcome(policy: str, told: str) -> str:
    """A policy's name and whether it stopped what it saw, which a name that says `block` does not tell."""
    outcome = told.lower()
    if any(word in outcome for word in ("block", "quarantin", "denied", "prevent")) and "not " not in outcome:
        return f"{policy} (blocked)"
    return f"{policy} (not blocked)" if outcome and "block" in policy.lower() else policy


def clients_named(labels: Any) -> tuple[str, ...]:
    """The values of the labels client, customer and tenant: in an object, a list or a text."""
    found = (value for name, value in _pairs(labels) if name.strip().lower() in _CLIENT_NAMES)
    return tuple(dict.fromkeys(value.strip() for value in found if value.strip()))[:_MOST]


def prefixed(prefix: str, *ids: str) -> tuple[str, ...]:
    """The ids as client hints of that kind, as in `aws:111122223333`; empty ones are left out."""
    return tuple(f"{prefix}:{one}" for one in dict.fromkeys(ids) if one)


def _told(texts: Iterable[str]) -> str:
    return "\n".join(text[:_LOOKED_AT] for text in texts).lower()


def _pairs(labels: Any) -> Iterator[tuple[str, str]]:
    if isinstance(labels, Mapping):
        yield from ((name, value) for name, value in labels.items() if isinstance(value, str))
        return
    parts = labels[:10_000].split(",") if isinstance(labels, str) else labels
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, str):
            name, _, value = part.replace("=", ":", 1).partition(":")
            yield name, value
