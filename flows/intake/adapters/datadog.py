"""The `datadog` source: Datadog's webhook, by the default template or one with the alert's variables.

https://docs.datadoghq.com/integrations/webhooks/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import must_word, seen, word, words
from flows.intake.adapters.reading import first_item, items, utc_instant
from flows.intake.claims import Claim, Severity, Status, claim, on_scale
from playbooks.forensics.observable_kinds import Seen

_STATE = re.compile(r"(?:\[[^\]]*\]\s*)+")
_OVER = frozenset({"recovered", "success", "ok", "closed"})
_TYPES: dict[str, Severity] = {"error": "high", "warning": "medium", "info": "info", "success": "info"}
_OBSERVED = {
    "host": "host", "hostname": "host", "device_name": "host", "usr.id": "account", "user": "account",
    "usr.email": "address", "client_ip": "address", "network.client.ip": "address",
}  # fmt: skip
_CLOUDS = {"aws_account": "aws", "project_id": "gcp", "subscription_id": "azure"}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one notification, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(body: dict[str, Any]) -> Claim:
    stated = must_word(body, "title", "alert_title", "security_signal_title")
    state = _STATE.match(stated)
    bare = (stated[state.end() :] if state else stated) or stated
    tags = list(_tags(body))
    severity = word(body, "severity", "priority", "alert_priority", "security_signal_severity")
    of = word(body, "monitor_id", "alert_id", "aggreg_key", "security_rule_id")
    scope = word(body, "scopes", "alert_scope", "hostname")
    return claim(
        [word(body, "org.id"), of or bare, scope],
        status=_status(body),
        severity=on_scale(severity) if severity else _TYPES.get(word(body, "alert_type").lower(), "medium"),
        original_severity=severity or word(body, "alert_type"),
        title=f"{bare} on {scope}" if scope and scope not in bare else bare,
        payload=body,
        occurred_at=utc_instant(body, "alert_cycle_start", "date", "last_updated"),
        category=category_of(bare, word(body, "security_rule_name")),
        observables=_observables([*tags, ("host", word(body, "hostname"))]),
        ids=(word(body, "id"), of, word(body, "alert_cycle_key")),
        client_hints=(*_clients(tags), *prefixed("datadog", word(body, "org.id"))),
        link=word(body, "url", "link"),
    )


def _observables(tags: list[tuple[str, str]]) -> tuple[Seen, ...]:
    found = (seen(_OBSERVED[name], (value,)) for name, value in tags if name in _OBSERVED)
    return tuple(dict.fromkeys(one for some in found for one in some))


def _clients(tags: list[tuple[str, str]]) -> tuple[str, ...]:
    accounts = (one for name, value in tags if name in _CLOUDS for one in prefixed(_CLOUDS[name], value))
    return (*clients_named([f"{name}:{value}" for name, value in tags]), *accounts)


def _status(body: dict[str, Any]) -> Status:
    told = word(body, "alert_transition") or word(body, "alert_type")
    is_over = told.lower() in _OVER or word(body, "title").startswith(("[Recovered", "[OK"))
    return "resolved" if is_over else "firing"


def _tags(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for text in words(body, "tags", "scopes", "alert_scope"):
        for tag in text.split(","):
            name, found, value = tag.strip().partition(":")
            if found:
                yield name.lower(), value


def _recognises(body: Any) -> bool:
    """The default template names event type and organisation; others the transition of a monitor."""
    first = first_item(body)
    if "title" not in first:
        return False
    org = first.get("org")
    is_default = {"event_type", "last_updated"} <= first.keys() and isinstance(org, dict) and "id" in org
    return is_default or (
        "alert_transition" in first and bool({"monitor_id", "alert_id", "aggreg_key"} & first.keys())
    )


ADAPTER = Adapter(
    kind="datadog",
    product="Datadog",
    docs="https://docs.datadoghq.com/integrations/webhooks/",
    recognises=_recognises,
    read=read,
    severity="priority P1 to P5; else alert type: error high, warning medium, info and success info",
    same_alert="same organisation, monitor (without one: title) and scope",
    auth="bearer",
)
