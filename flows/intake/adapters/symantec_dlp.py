"""The `symantec-dlp` source: incidents of Symantec DLP, as CEF rows in Sentinel or by its variables.

https://techdocs.broadcom.com/us/en/symantec-security-software/information-security/data-loss-prevention.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import data_hints, prefixed, with_outcome
from flows.intake.adapters.picking import LONGEST, instant, seen, word
from flows.intake.adapters.reading import first_item, items
from flows.intake.adapters.shapes import wrong_field
from flows.intake.claims import Claim, Severity, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_VARIABLE = re.compile(r"(?:^|;)([A-Z][A-Z_]{2,40})=")
_SEVERITIES: Mapping[str, Severity] = {"1": "high", "2": "medium", "3": "low", "4": "info"}
_OVER = frozenset({"resolved", "dismissed", "closed"})
_ACCOUNT = re.compile(r"[\w.-]{1,64}\\[\w.$-]{1,64}")
_SEEN = {
    "address": ("SENDER", "RECIPIENTS", "MACHINE_IP", "DESTINATION_IP"),
    "host": ("ENDPOINT_MACHINE",),
    "url": ("RECIPIENTS", "URL"),
    "file": ("ATTACHMENT_FILENAME", "FILE_NAME"),
    "account": ("ENDPOINT_USER_NAME",),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one incident, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(row: dict[str, Any]) -> Claim:
    said = _variables(row)
    policy = word(row, "Activity") or said.get("POLICY") or said.get("POLICY_NAME")
    if not policy:
        raise wrong_field(("Activity",), "the policy's name is wanted")
    incident = said.get("INCIDENT_ID")
    if not incident:
        raise wrong_field(("INCIDENT_ID",), "text is wanted")
    severity = said.get("SEVERITY", "")
    return claim(
        ["incident", incident],
        status="resolved" if said.get("STATUS", "").lower() in _OVER else "firing",
        severity=_SEVERITIES.get(severity[:1]) or on_scale(severity),
        original_severity=severity,
        title=with_outcome(policy, said.get("BLOCKED", "")),
        payload=row,
        occurred_at=instant(said, "OCCURRED_ON", "REPORTED_ON") or _arrived(row),
        category="data_loss",
        observables=_observables(said),
        ids=(incident,),
        data_hints=data_hints(policy, said.get("POLICY_RULE_VIOLATED", ""), said.get("RULES", "")),
        client_hints=prefixed("symantec-dlp", word(row, "TenantId")),
        link=said.get("INCIDENT_SNAPSHOT", ""),
    )


def _variables(row: dict[str, Any]) -> dict[str, str]:
    """The incident's variables by name; in CEF each ends where the next begins, and `;` may stand within.

    The name of a file or a subject can therefore pretend to be a variable: the first of a name counts, and
    of severities the gravest.
    """
    text = row.get("AdditionalExtensions")
    if not isinstance(text, str):
        return {name: word(row, name) for name in row if name.isupper()}
    parts = _VARIABLE.split(text[: 5 * LONGEST])
    pairs = [
        (name, value.replace(";", "").strip()) for name, value in zip(parts[1::2], parts[2::2], strict=True)
    ]
    gravest = min((value for name, value in pairs if name == "SEVERITY"), default="")
    return {**dict(reversed(pairs)), "SEVERITY": gravest}


def _observables(said: Mapping[str, str]) -> tuple[Seen, ...]:
    device = said.get("ENDPOINT_DEVICE_ID", "")
    user = (device,) if _ACCOUNT.fullmatch(device) else ()
    texts = ((kind, said.get(name, "").split(",")) for kind, names in _SEEN.items() for name in names)
    found = [one for kind, values in texts for one in seen(kind, values)]
    return tuple(dict.fromkeys((*found, *seen("account", user))))


def _arrived(row: dict[str, Any]) -> datetime | None:
    """When Sentinel took it in; the column names the workspace's zone after its own name."""
    return instant(row, *(name for name in row if name.startswith("TimeGenerated")))


def _recognises(body: Any) -> bool:
    """A CEF row that names Symantec DLP; or the variables of a response rule."""
    first = first_item(body)
    is_row = first.get("DeviceVendor") == "Symantec" and "DLP" in str(first.get("DeviceProduct"))
    return is_row or (
        {"INCIDENT_ID", "SEVERITY"} <= first.keys() and bool({"POLICY", "POLICY_NAME"} & first.keys())
    )


ADAPTER = Adapter(
    kind="symantec-dlp",
    product="Symantec Data Loss Prevention",
    docs="https://techdocs.broadcom.com/us/en/symantec-security-software/information-security/data-loss-prevention.html",
    recognises=_recognises,
    read=read,
    severity="1 High high, 2 Medium medium, 3 Low low, 4 Info info",
    same_alert="same incident id",
    auth="bearer",
)
