"""The `elastalert` source: the match that an ElastAlert 2 rule posts, with the fields the rule chose.

https://elastalert2.readthedocs.io/en/latest/alerts.html#http-post
"""

from __future__ import annotations

from typing import Any

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of, clients_named
from flows.intake.adapters.picking import must_word, word
from flows.intake.adapters.reading import first_item, items, observables, utc_instant
from flows.intake.claims import Claim, claim, on_scale

_WHO = frozenset({"account", "host", "address"})
_TITLES = ("rule_name", "alert_subject", "rule.name", "name", "title", "message")
_SEEN = {
    "account": ("user.name", "user", "username", "user_name"),
    "host": ("host.name", "hostname", "host", "beat.hostname"),
    "address": ("source.ip", "destination.ip", "client.ip", "src_ip", "dest_ip", "client_ip"),
    "domain": ("domain", "url.domain", "dns.question.name"),
    "url": ("url.full", "url"),
    "file": ("file.path", "file.name"),
    "hash": ("file.hash.sha256", "file.hash.sha1", "file.hash.md5"),
}


def read(body: Any) -> tuple[Claim, ...]:
    """The claim of one match, or of each of a list."""
    return tuple(_claim(one) for one in items(body))


def _claim(match: dict[str, Any]) -> Claim:
    title = must_word(match, *_TITLES)
    severity = word(match, "severity", "alert_priority", "priority", "event.severity", "level")
    found = observables(match, _SEEN)
    return claim(
        [title, sorted([one.kind, one.value] for one in found if one.kind in _WHO)],
        status="firing",
        severity=on_scale(f"p{severity}" if severity.isdigit() else severity),
        original_severity=severity,
        title=title,
        payload=match,
        occurred_at=utc_instant(match, "@timestamp", "timestamp"),
        category=category_of(title),
        observables=found,
        ids=(word(match, "_id"),),
        client_hints=(*clients_named(match), *clients_named(match.get("labels"))),
        link=word(match, "kibana_discover_url", "opensearch_discover_url", "kibana_link"),
    )


def _recognises(body: Any) -> bool:
    """ElastAlert counts hits and matches in each match; otherwise a flat row of Elasticsearch with a name."""
    first = first_item(body)
    if any(key.startswith("kibana.") for key in first):
        return False
    if {"num_hits", "num_matches"} <= first.keys():
        return True
    is_flat = not any(isinstance(value, dict | list) for value in first.values())
    return is_flat and "@timestamp" in first and bool({"rule_name", "alert_subject", "name"} & first.keys())


ADAPTER = Adapter(
    kind="elastalert",
    product="ElastAlert 2 HTTP POST",
    docs="https://elastalert2.readthedocs.io/en/latest/alerts.html#http-post",
    recognises=_recognises,
    read=read,
    severity="`severity` or priority, by its word or number (1 critical to 5 info); medium without one",
    same_alert="same rule, accounts, hosts and addresses",
    auth="bearer",
)
