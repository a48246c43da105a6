"""The `okta` source: Okta's event hooks, System Log events, one or a list, and its EventBridge stream.

https://developer.okta.com/docs/reference/api/system-log/
https://developer.okta.com/docs/concepts/event-hooks/
"""

from __future__ import annotations

from typing import Any, TypeAlias
from urllib.parse import urlsplit

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import category_of
from flows.intake.adapters.picking import at, objects, seen, word
from flows.intake.adapters.reading import observables, utc_instant
from flows.intake.adapters.shapes import must_be_list, must_be_object
from flows.intake.adapters.spotting import must_say, named, spoken
from flows.intake.claims import Claim, claim, on_scale
from playbooks.alerts.view import Category, Severity
from playbooks.forensics.observable_kinds import Seen

Path: TypeAlias = tuple[str | int, ...]

_LEVELS: dict[str, Severity] = {"DEBUG": "info", "INFO": "info", "WARN": "medium", "ERROR": "high"}
_TYPES: tuple[tuple[str, Category], ...] = (
    ("security.threat", "credential"), ("user.account.report_suspicious", "credential"),
    ("user.account.lock", "credential"), ("user.account.reset_password", "credential"),
    ("user.account.update_password", "credential"), ("system.api_token", "credential"),
    ("application.user_membership.show_password", "credential"), ("policy.", "policy"),
    ("system.org.rate_limit", "outage"), ("security.", "identity"), ("user.", "identity"),
    ("group.", "identity"), ("system.", "identity"), ("application.", "identity"), ("iam.", "identity"),
    ("device.", "identity"),
)  # fmt: skip
"""How an event's type begins, in Okta's catalogue of event types."""

_PEOPLE = frozenset({"User", "AppUser", "SystemPrincipal"})
_SEEN = {"account": ("actor.alternateId",), "address": ("client.ipAddress", "request.ipChain.*.ip")}
_ORIGINS = ("debugContext.debugData.origin", "debugContext.debugData.oktaDomain")


def read(body: Any) -> tuple[Claim, ...]:
    """The claims of a hook, of a list of events, or of one: each event is one."""
    host, events = _events(body)
    return tuple(_claim(must_be_object(event, path), path, host) for event, path in events)


def _events(body: Any) -> tuple[str, list[tuple[Any, Path]]]:
    """The organisation's domain, as far as the wrapping tells it, and the events with their places."""
    if isinstance(body, list):
        return "", [(one, (index,)) for index, one in enumerate(must_be_list(body))]
    stated = must_be_object(body)
    if "detail-type" in stated:
        return "", [(stated.get("detail"), ("detail",))]
    if "data" not in stated:
        return "", [(stated, ())]
    listed = must_be_list(at(stated, "data.events"), ("data", "events"))
    return _host(word(stated, "source")), [(one, ("data", "events", i)) for i, one in enumerate(listed)]


def _claim(event: dict[str, Any], path: Path, host: str) -> Claim:
    kind, severity = must_say(event, path, "eventType"), word(event, "severity")
    targets = [word(one, "alternateId", "id") for one in objects(event, "target")]
    uuid = word(event, "uuid")
    return claim(
        uuid or [kind, word(event, "published"), word(event, "actor.id", "actor.alternateId"), targets],
        status="firing",
        severity=_LEVELS.get(severity.upper()) or on_scale(severity),
        original_severity=severity,
        title=_title(event, kind),
        payload=event,
        occurred_at=utc_instant(event, "published"),
        category=_category(kind),
        observables=_observables(event),
        ids=(uuid,),
        client_hints=(host, *(_host(one) for one in named(event, *_ORIGINS))),
    )


def _title(event: dict[str, Any], kind: str) -> str:
    told = word(event, "displayMessage") or spoken(kind).capitalize()
    result, reason = word(event, "outcome.result"), word(event, "outcome.reason")
    if result not in {"FAILURE", "DENY"}:
        return told
    return f"{told} ({result.lower()}{': ' if reason else ''}{reason})"


def _category(kind: str) -> Category:
    known = (sort for prefix, sort in _TYPES if kind.startswith(prefix))
    return next(known, None) or category_of(spoken(kind))


def _observables(event: dict[str, Any]) -> list[Seen]:
    people = (one for one in objects(event, "target") if word(one, "type") in _PEOPLE)
    targets = seen("account", (word(one, "alternateId") for one in people))
    return list(dict.fromkeys((*observables(event, _SEEN), *targets)))


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _recognises(body: Any) -> bool:
    if isinstance(body, list):
        return bool(body) and all(_is_event(one) for one in body)
    if not isinstance(body, dict):
        return False
    if str(body.get("source", "")).startswith("aws.partner/okta.com"):
        return True
    return str(body.get("eventType", "")).startswith("com.okta.event_hook") or _is_event(body)


def _is_event(event: Any) -> bool:
    return isinstance(event, dict) and {"eventType", "published", "actor", "version"} <= event.keys()


ADAPTER = Adapter(
    kind="okta",
    product="Okta",
    docs="https://developer.okta.com/docs/reference/api/system-log/",
    recognises=_recognises,
    read=read,
    severity="ERROR high, WARN medium, INFO and DEBUG info; another word by itself",
    same_alert="same event; an event without id, same type, instant, actor and targets",
    auth="bearer",
)
