"""Words that the people told may not know: the trade's, and names of machines."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from playbooks.notices.findings import NoticeFinding

_TRADE: Final = re.compile(
    r"\b(?:SIEM|SOC|EDR|XDR|DLP|IAM|CSIRT|IOCs?|TTPs?|C2|RCE|XSS|SQL injection|CVE-\d{4}-\d+|exfiltrat\w+|"
    r"lateral movement|threat actors?|payloads?|endpoints?|indicators? of compromise|privilege escalation|"
    r"credential stuffing|zero[- ]day|attack vectors?|hash(?:es|ed)?|pseudonymi[sz]\w+|data subjects?|"
    r"tenants?|buckets?|API|webhooks?|playbooks?|tokens?|containment|remediat\w+|MFA|RBAC|VPN|SaaS)\b"
)
_MACHINE: Final = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b[\w-]+\.(?:internal|local|corp|lan|intra)\b|\b(?:srv|vm|db|dc|fs|app|prd|prod|dev)-?[a-z]*\d{1,4}\b"
    r"|\\\\[\w.$-]+\\|\b[A-Za-z]:\\|\b(?:s3|smb|sftp)://",
    re.IGNORECASE,
)
_MOST_NAMED: Final = 6


def check_jargon(values: Mapping[str, object], systems: Collection[str] = ()) -> Iterator[NoticeFinding]:
    """Words of the trade and names of systems in what people outside the trade are told."""
    own = _names(systems)
    for content, value in values.items():
        if not isinstance(value, str) or content == "contact_point":
            continue
        patterns = (_TRADE, _MACHINE, own) if own else (_TRADE, _MACHINE)
        found = dict.fromkeys(match[0] for pattern in patterns for match in pattern.finditer(value))
        if found:
            named = ", ".join(list(found)[:_MOST_NAMED])
            yield NoticeFinding("jargon", "warn", content, f"{named}: say it in everyday words")


def _names(systems: Collection[str]) -> re.Pattern[str] | None:
    known = sorted({name.strip() for name in systems if len(name.strip()) > 3}, key=len, reverse=True)
    if not known:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)", re.IGNORECASE)
