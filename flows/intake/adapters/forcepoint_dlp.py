"""The `forcepoint-dlp` source: incidents of Forcepoint DLP, as rows in Sentinel or of its REST API.

https://help.forcepoint.com/dlp/90/restapi/
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import data_hints, prefixed, with_outcome
from flows.intake.adapters.picking import as_instant, must_word, seen, word
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.claims import Claim, claim, on_scale

_DAY_FIRST = re.compile(r"(\d\d)/(\d\d)/(\d{4}) ([\d:.]{5,15})", re.ASCII)
_SIZE = re.compile(r" - [\d.]{1,9} [KMGT]?B$", re.ASCII)
"""The API writes a file's size behind its name."""
_OVER = frozenset({"closed", "false positive", "resolved"})
_SEEN = {
    "account": ("source.login_name", "source.full_name"),
    "host": ("source.hostname", "SourceHostname"),
    "address": (
        *(
            "SourceIpV4",
            "ForcepointDLPSourceIP",
            "DestinationIpV4",
            "source.ip_address",
            "source.email_address",
        ),
        "destination",
    ),
    "domain": ("DestinationDomain", "DestinationHostname", "SourceDomain"),
    "url": ("Description", "destination"),
    "file": ("FileName",),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one incident, or of each of a list or of an answer's `incidents`."""
    return tuple(_claim(one) for one in items(body, "incidents"))


def _claim(row: dict[str, Any]) -> Claim:
    policy = must_word(row, "RuleName", "policies", "policy_name")
    incident = must_word(row, "Id", "event_id", "id")
    severity = word(row, "Severity", "severity")
    return claim(
        ["incident", incident],
        status="resolved" if word(row, "status").lower() in _OVER else "firing",
        severity=on_scale(severity),
        original_severity=severity,
        title=with_outcome(policy, word(row, "action", "Action")),
        payload=row,
        occurred_at=utc_instant(row, "CreatedAt", "TimeGenerated")
        or _when(word(row, "incident_time", "event_time")),
        category="data_loss",
        observables=(*observables(row, _SEEN), *seen("file", (_SIZE.sub("", word(row, "file_name")),))),
        ids=(incident, word(row, "ExternalId", "id")),
        data_hints=data_hints(policy),
        client_hints=prefixed("forcepoint-dlp", word(row, "TenantId")),
    )


def _when(text: str) -> datetime | None:
    """The API writes the day first, in the zone of its server."""
    found = _DAY_FIRST.fullmatch(text)
    return as_instant(f"{found[3]}-{found[2]}-{found[1]} {found[4]}" if found else text)


def _recognises(body: Any) -> bool:
    """Forcepoint's own table, or an incident of its API with policies and what triggered them."""
    first = first_item(body, "incidents")
    return first.get("Type") == "ForcepointDLPEvents_CL" or (
        {"event_id", "policies", "severity"} <= first.keys()
        and bool({"maximum_matches", "violation_triggers", "transaction_size"} & first.keys())
    )


ADAPTER = Adapter(
    kind="forcepoint-dlp",
    product="Forcepoint DLP",
    docs="https://help.forcepoint.com/dlp/90/restapi/",
    recognises=_recognises,
    read=read,
    severity="its word: high, medium, low",
    same_alert="same incident id",
    auth="bearer",
)
