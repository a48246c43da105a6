"""The `github` source: webhooks of secret scanning, code scanning, Dependabot and made-public repositories.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.hinting import prefixed
from flows.intake.adapters.picking import at, seen, word
from flows.intake.adapters.reading import utc_instant
from flows.intake.adapters.shapes import must_be_object, wrong_field
from flows.intake.adapters.spotting import must_say, named
from flows.intake.claims import Claim, Status, claim, on_scale
from playbooks.alerts.view import Category, Severity
from playbooks.forensics.observable_kinds import Seen

Sort: TypeAlias = Literal["secret", "code", "dependency", "package", "repository"]

_OVER = frozenset(
    {"resolved", "resolve", "fixed", "dismissed", "dismiss", "auto_dismissed", "closed_by_user", "privatized"}
)
_AGAIN = frozenset({"reopened", "reopened_by_user", "reintroduced", "auto_reopened", "created", "create"})
_VISIBILITY = ("publicized", "privatized")
_UNGRADED: Severity = "high"
"""GitHub gives a leaked secret no severity: whoever reads the repository can use it."""

_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "info"}
_CATEGORIES: dict[Sort, Category] = {
    "secret": "secret_leak", "code": "policy", "dependency": "vendor", "package": "vendor",
    "repository": "exposure",
}  # fmt: skip
_SEVERITIES: dict[Sort, tuple[str, ...]] = {
    "secret": (), "repository": (), "package": ("alert.severity",),
    "code": ("alert.rule.security_severity_level", "alert.rule.severity"),
    "dependency": ("alert.security_vulnerability.severity", "alert.security_advisory.severity"),
}  # fmt: skip


def read(body: Any) -> tuple[Claim, ...]:
    """The one claim of a webhook: an alert of a repository, or that it was made public or private."""
    event = must_be_object(body)
    must_be_object(event.get("repository"), ("repository",))
    repository = must_say(event, (), "repository.full_name")
    sort = _sort(event)
    number = "" if sort == "repository" else must_say(event, (), "alert.number")
    severity = word(event, *_SEVERITIES[sort])
    return (
        claim(
            ["github", sort, repository.lower(), number],
            status=_status(event),
            severity=_severity(sort, severity),
            original_severity=severity,
            title=_title(event, sort, repository),
            payload=event,
            occurred_at=utc_instant(event, "alert.created_at"),
            category=_CATEGORIES[sort],
            observables=[
                *_sender(event),
                *seen("file", named(event, *_FILES)),
            ],
            ids=(f"{repository}#{number}" if number else repository, *named(event, *_IDS)),
            data_hints=("credentials",) if sort == "secret" else (),
            client_hints=prefixed("github", repository.partition("/")[0], repository),
            link=word(event, "alert.html_url", "alert.external_reference", "repository.html_url"),
        ),
    )


_FILES = (
    "alert.most_recent_instance.location.path", "alert.dependency.manifest_path", "location.details.path",
    "alert.first_location_detected.path",
)  # fmt: skip
_IDS = (
    "alert.security_advisory.ghsa_id", "alert.security_advisory.cve_id", "alert.ghsa_id",
    "alert.external_identifier", "alert.rule.id",
)  # fmt: skip


def _sort(event: dict[str, Any]) -> Sort:
    if word(event, "action") in _VISIBILITY:
        return "repository"
    alert = must_be_object(event.get("alert"), ("alert",))
    if "secret_type" in alert:
        return "secret"
    if "rule" in alert:
        return "code"
    if "security_advisory" in alert:
        return "dependency"
    if "affected_package_name" in alert:
        return "package"
    raise wrong_field(("alert",), "an alert of secret scanning, code scanning or Dependabot is wanted")


def _status(event: dict[str, Any]) -> Status:
    action, state = word(event, "action"), word(event, "alert.state")
    if action in _AGAIN:
        return "firing"
    return "resolved" if action in _OVER or state in _OVER or word(event, "alert.resolution") else "firing"


def _sender(event: dict[str, Any]) -> tuple[Seen, ...]:
    """The person who acted; GitHub itself and its bots act in every repository."""
    return seen("account", [word(event, "sender.login")] if word(event, "sender.type") == "User" else [])


def _severity(sort: Sort, told: str) -> Severity:
    if sort in {"secret", "repository"}:
        return _UNGRADED
    return on_scale(_LEVELS.get(told, told) or "medium")


def _title(event: dict[str, Any], sort: Sort, repository: str) -> str:
    match sort:
        case "secret":
            told = must_say(event, (), "alert.secret_type_display_name", "alert.secret_type")
            return f"{repository}: secret of the type {told}"
        case "code":
            told = must_say(event, (), "alert.rule.description", "alert.rule.name", "alert.rule.id")
            return f"{repository}: {told}"
        case "dependency":
            return f"{repository}: {must_say(event, (), 'alert.security_advisory.summary')}"
        case "package":
            told = must_say(event, (), "alert.affected_package_name")
            return f"{repository}: {told} {word(event, 'alert.external_identifier', 'alert.ghsa_id')}"
        case "repository":
            return f"{repository}: the repository was {word(event, 'action')}"


def _recognises(body: Any) -> bool:
    """GitHub alone sends a repository with an owner and `full_name` beside an action."""
    return (
        isinstance(body, dict)
        and {"action", "repository", "sender"} <= body.keys()
        and bool(word(body, "repository.full_name"))
        and (isinstance(at(body, "alert"), dict) or body["action"] in _VISIBILITY)
    )


ADAPTER = Adapter(
    kind="github",
    product="GitHub security alerts",
    docs="https://docs.github.com/webhooks/webhook-events-and-payloads",
    recognises=_recognises,
    read=read,
    severity="the advisory's or rule's word (error high, note low); secrets and publicised repositories high",
    same_alert="same repository, sort of alert and number",
    auth="github",
)
