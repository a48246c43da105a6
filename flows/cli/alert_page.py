"""How an alert, and what becomes of it, look in a terminal 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from textwrap import wrap
from typing import Any

from flows.intake.claims import Claim
from flows.intake.foretelling import ITS_OWN
from notify.text import terminal
from playbooks.forensics.observable_kinds import Seen

WIDTH = 80
_LABEL = 15
_SHORT = 12
"""Digits of a fingerprint that tell it from its neighbours."""
_MOST = 8
"""Values of one kind that are shown; how many more there are is said."""

_WOULD = {
    "opened": "would open an incident",
    "joined": "would join {incident}",
    "suppressed": "would change nothing",
    "held": "would be held, and open nothing yet",
    "candidate": "would wait as a candidate for somebody's word",
}
_DID = {
    "opened": "opened {incident}",
    "joined": "joined {incident}",
    "suppressed": "changed nothing",
    "held": "is held, and opened nothing yet",
    "candidate": "waits as candidate {incident} for somebody's word",
}


def alert_lines(number: int, claim: Claim, kind: str, zone: tzinfo, clients: Sequence[str]) -> Iterator[str]:
    """One alert as it was read, every word of it inert."""
    yield from _folded(f"{number}  ", f"{claim.severity.upper()}  {terminal(claim.title)}")
    yield from _field("severity", claim.severity + _original(claim))
    yield from _field("when", _when(claim.occurred_at, zone))
    yield from _field("kind", f"{terminal(kind)}, {claim.status}")
    yield from _field("about", "" if claim.category == "other" else claim.category.replace("_", " "))
    yield from _field("fingerprint", claim.fingerprint[:_SHORT])
    yield from _seen(claim.observables)
    yield from _field("data", _some([hint.replace("_", " ") for hint in claim.data_hints]))
    yield from _field("hints", _some(claim.client_hints))
    yield from _field("clients", _some(clients) or "unknown: triage asks")
    yield from _field("link", terminal(claim.link, WIDTH * 3))


def fate_lines(result: Mapping[str, Any], *, is_done: bool) -> Iterator[str]:
    """What becomes of the alert, and why; `is_done` once the desk has said so."""
    incident = terminal(result.get("incident") or ITS_OWN)
    words = (_DID if is_done else _WOULD).get(str(result.get("result")), terminal(result.get("result")))
    yield ""
    yield from _folded("  => ", f"{words.format(incident=incident)}, because {terminal(result.get('why'))}")
    if result.get("playbook") and result.get("result") in {"opened", "candidate"}:
        chosen = f"{terminal(result['playbook'])}, {terminal(result.get('severity'))}"
        yield from _field("playbook", f"{chosen}: {terminal(result.get('chosen') or 'chosen for it')}")
    if result.get("group"):
        rules = ", ".join(dict.fromkeys(result["group"]))
        yield from _field("kept together", f"by {terminal(rules)}")


def _original(claim: Claim) -> str:
    told = claim.original_severity
    return f"; in the tool's words: {terminal(told)}" if told and told.lower() != claim.severity else ""


def _when(at: datetime | None, zone: tzinfo) -> str:
    if at is None:
        return "not said; its arrival counts"
    aware = at if at.tzinfo is not None else at.replace(tzinfo=zone)
    told = f"{aware.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return (
        told
        if zone is UTC or str(zone) == "UTC"
        else f"{told}  ({aware.astimezone(zone):%d %b %H:%M} {zone})"
    )


def _seen(observables: Sequence[Seen]) -> Iterator[str]:
    kinds = dict.fromkeys(one.kind for one in observables)
    for kind in kinds:
        yield from _field(kind, _some([one.value for one in observables if one.kind == kind]))


def _some(values: Sequence[str]) -> str:
    shown = ", ".join(terminal(value, WIDTH) for value in values[:_MOST])
    return shown + (f" and {len(values) - _MOST} more" if len(values) > _MOST else "")


def _field(label: str, text: str) -> Iterator[str]:
    if text:
        yield from _folded(f"     {label.ljust(_LABEL)}", text)


def _folded(head: str, text: str) -> Iterator[str]:
    indent = " " * len(head)
    yield from wrap(text, WIDTH, initial_indent=head, subsequent_indent=indent, break_on_hyphens=False)
