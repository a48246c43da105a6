"""The `wazuh` source: an alert of the Wazuh manager, bare, as an indexer document, or from an integration.

https://documentation.wazuh.com/current/user-manual/manager/alert-management.html
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named, prefixed
from flows.intake.adapters.picking import at, must_word, number, seen, word, words
from flows.intake.adapters.reading import Levels, first_item, graded, items, observables, utc_instant
from flows.intake.claims import Claim, claim
from playbooks.forensics.observable_kinds import Seen

_LEVELS: Levels = ((15, "critical"), (12, "high"), (7, "medium"), (1, "low"))
_SEEN = {
    "account": (
        *(
            "data.srcuser",
            "data.dstuser",
            "data.win.eventdata.targetUserName",
            "data.aws.userIdentity.userName",
        ),
        *("data.office365.UserId", "syscheck.uname_after"),
    ),
    "host": ("data.win.system.computer",),
    "address": (
        "data.srcip",
        "data.dstip",
        "agent.ip",
        "data.win.eventdata.ipAddress",
        "data.aws.sourceIPAddress",
    ),
    "url": ("data.url",),
    "file": ("syscheck.path", "data.win.eventdata.image"),
    "hash": (
        "syscheck.md5_after",
        "syscheck.sha1_after",
        "syscheck.sha256_after",
        "data.virustotal.source.sha1",
    ),
}
_MANAGER = "000"
_ENTITIES = (
    "rule.id",
    "agent.id",
    "agent.name",
    "data.srcip",
    "data.srcuser",
    "data.dstuser",
    "syscheck.path",
)


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one alert, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(body: dict[str, Any]) -> Claim:
    alert = _inner(body)
    title = must_word(alert, "rule.description")
    must_word(alert, "rule.id")
    groups = words(alert, "rule.groups")
    return claim(
        [word(alert, path) for path in _ENTITIES],
        status="firing",
        severity=graded(number(alert, "rule.level"), _LEVELS),
        original_severity=word(alert, "rule.level"),
        title=title,
        payload=body,
        occurred_at=utc_instant(alert, "timestamp", "@timestamp"),
        category=category_of(title, *words(alert, "rule.mitre.technique", "rule.mitre.tactic"), *groups),
        observables=(*_agent(alert), *observables(alert, _SEEN)),
        ids=(word(alert, "id"), word(body, "_id"), word(alert, "rule.id")),
        client_hints=(
            *clients_named(at(alert, "agent.labels")),
            *prefixed("aws", word(alert, "data.aws.accountId", "data.aws.recipientAccountId")),
            *prefixed("azure", word(alert, "data.office365.OrganizationId")),
            *prefixed("wazuh", word(alert, "cluster.name")),
        ),
    )


def _agent(alert: dict[str, Any]) -> tuple[Seen, ...]:
    """The machine of the agent; 000 is the manager itself, which collects for clouds and devices."""
    return seen("host", words(alert, "agent.name") if word(alert, "agent.id") != _MANAGER else ())


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    return next((body[key] for key in ("_source", "all_fields") if isinstance(body.get(key), dict)), body)


def _recognises(body: Any) -> bool:
    """A Wazuh rule has a level and an id, and its alert names manager or agent, and decoder or location."""
    first = first_item(body)
    alert = _inner(first)
    rule = alert.get("rule")
    return (
        isinstance(rule, dict)
        and {"level", "id", "description"} <= rule.keys()
        and bool({"manager", "agent"} & alert.keys())
        and bool({"decoder", "location", "full_log"} & alert.keys())
    )


ADAPTER = Adapter(
    kind="wazuh",
    product="Wazuh",
    docs="https://documentation.wazuh.com/current/user-manual/manager/alert-management.html",
    recognises=_recognises,
    read=read,
    severity="rule level: from 15 critical, 12 high, 7 medium, 1 low, 0 info",
    same_alert="same rule, agent, source address, users and file",
    auth="bearer",
)
