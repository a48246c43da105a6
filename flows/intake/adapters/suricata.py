"""The `suricata` source: an alert or anomaly of Suricata's EVE log.

https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, prefixed
from flows.intake.adapters.picking import must_word, objects, seen, word, words
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import MOST_TEXTS
from flows.intake.claims import Claim, Severity, claim

_PRIORITIES: Mapping[str, Severity] = {"1": "high", "2": "medium", "3": "low", "": "medium"}
_RATED: Mapping[str, Severity] = {
    "critical": "critical", "major": "high", "minor": "low", "informational": "info", "audit": "info",
}  # fmt: skip
_SEEN = {
    "address": ("src_ip", "dest_ip", "smtp.mail_from", "smtp.rcpt_to", "email.from", "email.to"),
    "domain": ("http.hostname", "dns.rrname", "tls.sni", "quic.sni"),
    "url": ("http.url",),
    "file": ("fileinfo.filename", "smb.filename"),
    "hash": ("fileinfo.md5", "fileinfo.sha1", "fileinfo.sha256"),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one event, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(event: dict[str, Any]) -> Claim:
    kind = word(event, "event_type")
    if kind not in ("alert", "anomaly"):
        raise wrong_field(("event_type",), "alert or anomaly is wanted")
    must_be_object(event.get(kind), (kind,))
    name = _alert_name(event) if kind == "alert" else must_word(event, "anomaly.event", "anomaly.type")
    rated = word(event, "alert.metadata.signature_severity.0")
    priority = word(event, "alert.severity")
    return claim(
        [kind, *(word(event, f"alert.{part}") for part in ("gid", "signature_id")), name, *_ends(event)],
        status="firing",
        severity=_severity(rated, priority) if kind == "alert" else "low",
        original_severity=rated or priority,
        title=name if kind == "alert" else f"Anomaly: {name}",
        payload=event,
        occurred_at=utc_instant(event, "timestamp", "flow.start"),
        category=category_of(name, word(event, "alert.category"), otherwise="network"),
        observables=(*observables(event, _SEEN), *_files(event)),
        ids=(word(event, "flow_id"), word(event, "community_id"), word(event, "alert.signature_id")),
        client_hints=prefixed("suricata", word(event, "tenant_id")),
    )


def _alert_name(event: dict[str, Any]) -> str:
    """Its message; a rule without one is told by its generator and number."""
    named = word(event, "alert.signature")
    return named or f"Signature {word(event, 'alert.gid') or '1'}:{must_word(event, 'alert.signature_id')}"


def _ends(event: dict[str, Any]) -> list[str]:
    return [word(event, "src_ip"), word(event, "dest_ip")]


def _severity(rated: str, priority: str) -> Severity:
    return _RATED.get(rated.lower()) or _PRIORITIES.get(priority, "info")


def _files(event: dict[str, Any]) -> tuple[Any, ...]:
    found = objects(event, "files")[:MOST_TEXTS]
    names = (word(one, "filename") for one in found)
    hashes = (one for file in found for one in words(file, "md5", "sha1", "sha256"))
    return (*seen("file", (name for name in names if name != "/")), *seen("hash", hashes))


def _recognises(body: Any) -> bool:
    """EVE names its type, and an object of that name, beside the flow or the ends of the connection."""
    first = first_item(body)
    kind = first.get("event_type")
    return (
        kind in ("alert", "anomaly")
        and isinstance(first.get(kind), dict)
        and bool({"flow_id", "src_ip"} & first.keys())
        and "timestamp" in first
    )


ADAPTER = Adapter(
    kind="suricata",
    product="Suricata EVE",
    docs="https://docs.suricata.io/en/latest/output/eve/eve-json-format.html",
    recognises=_recognises,
    read=read,
    severity="`signature_severity`; else priority: 1 high, 2 medium, 3 low, above info; anomalies low",
    same_alert="same signature and ends of the connection",
    auth="bearer",
)
