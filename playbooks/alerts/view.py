"""What rules may look at of one alert, whichever tool sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "high", "medium", "low", "info"]
Status = Literal["firing", "resolved"]

Category = Literal[
    "data_loss", "data_access", "misdirected", "credential", "identity", "phishing", "mailbox",
    "malware", "ransomware", "exposure", "secret_leak", "network", "cardholder", "insider", "device",
    "vendor", "outage", "policy", "other",
]  # fmt: skip
"""What sort of event a tool reports, as far as its payload says: `other` where it does not."""

DataHint = Literal[
    "personal_data", "contact", "financial", "card", "health", "credentials", "government_id",
    "communications", "children", "employment", "biometric", "location", "special", "secret",
]  # fmt: skip
"""A category of data that a payload names; `personal_data` where it says no more."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """One alert as rules see it; texts are the tool's own, `clients` are our references."""

    source: str
    kind: str
    title: str = ""
    category: Category = "other"
    severity: Severity = "medium"
    status: Status = "firing"
    accounts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    data_hints: tuple[DataHint, ...] = ()
    playbook: str = ""
    """The playbook chosen for it; empty while that is being chosen."""
