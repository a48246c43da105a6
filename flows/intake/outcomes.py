"""What becomes of one claim: opened, joined, suppressed or held. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flows.intake.claims import Claim, Severity, Status

LIVE = ("open", "candidate")
"""The states of an incident that more alerts may join."""

_ENDED_FOR_NOTHING = {"false_positive": "a false positive", "dismissed": "dismissed"}


@dataclass(frozen=True, slots=True)
class Known:
    """The alert as it stood before this claim, and the incident that holds it, by the end of all merging."""

    status: Status
    content: str
    severity: Severity
    incident: str
    state: str
    """The incident's."""

    @property
    def is_live(self) -> bool:
        """Whether more may join the incident."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Together:
    """A live incident that a correlation rule leads to."""

    incident: str
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """What the rules say of an alert that belongs to no incident."""

    together: Together | None = None
    quiet: str = ""
    """The quiet window that holds it back, in words; empty for none."""
    test: str = ""
    """The announced test that it matches, in words."""
    is_candidate: bool = False
    seen: int = 1
    """Alerts of its group so far, this one among them."""
    threshold: int = 1
    why: str = ""
    """Why the rules open it thus."""


@dataclass(frozen=True, slots=True)
class Opens:
    """A new incident is to be opened; `previous` is the closed one that it cites, or empty."""

    why: str
    previous: str = ""
    as_state: Literal["open", "candidate"] = "open"


@dataclass(frozen=True, slots=True)
class Joins:
    """The claim is news about a live incident; `changed` where its state or severity moved."""

    why: str
    incident: str
    changed: bool = False
    is_new: bool = False
    """Whether the alert becomes part of the incident by this."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The claim opens nothing; `incident` is the one it belongs to, or empty."""

    why: str
    incident: str = ""
    is_quiet: bool = False
    """Whether a quiet window holds it: it opens at the window's end, if it still fires."""


@dataclass(frozen=True, slots=True)
class Held:
    """Too few of its group so far: it waits for the rule's threshold."""

    why: str


Outcome = Opens | Joins | Suppressed | Held


def decide_late(known: Known | None) -> Suppressed:
    """What a claim does that is older than what is known of its alert: it is counted."""
    return Suppressed("older than what is known of this alert", known.incident if known else "")


def decide_known(claim: Claim, known: Known) -> Outcome | None:
    """What a claim of a known alert does, where its own incident settles that; None where the rules do."""
    if known.is_live:
        if claim.content == known.content:
            return Suppressed(f"identical to what {known.incident} already holds", known.incident)
        changed = (claim.status, claim.severity) != (known.status, known.severity)
        return Joins(f"same fingerprint as {known.incident}, which is open", known.incident, changed)
    if claim.status == "resolved":
        return Suppressed("a resolve with nothing open", known.incident)
    if known.state in _ENDED_FOR_NOTHING and claim.content == known.content:
        ended = _ENDED_FOR_NOTHING[known.state]
        return Suppressed(f"identical to what was {ended} in {known.incident}", known.incident)
    return None


def decide_by_rules(claim: Claim, known: Known | None, way: Way) -> Outcome:
    """What a claim does whose own incident settles nothing: there is none, or it has ended."""
    if claim.status == "resolved":
        return Suppressed("a resolve with nothing open")
    if way.together is not None:
        return Joins(way.together.why, way.together.incident, is_new=True)
    if way.quiet and not way.test:
        return Suppressed(way.quiet, is_quiet=True)
    if way.seen < way.threshold and not way.test:
        return Held(f"{way.seen} of {way.threshold} alerts that the rule waits for: {way.why}")
    state: Literal["open", "candidate"] = "candidate" if way.is_candidate else "open"
    why = way.test or (way.why if state == "candidate" or way.threshold > 1 else "")
    if known is not None:
        back = f"the alert is back after {known.incident} closed"
        return Opens(f"{back}; {why}" if why else back, known.incident, state)
    return Opens(why or "first alert of this fingerprint", as_state=state)
