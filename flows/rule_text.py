"""A rule of law in words and as JSON: for the terminal and for docs/law.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from playbooks.law import Reading, Rule
from playbooks.rulebook import Origin
from playbooks.vocabulary import CONTENT, ROLES, whom

COUNTINGS: dict[str, str] = {
    "hours_elapsed": "elapsed hours in UTC; the last instant is still in time",
    "days_excl": "the day of the event is not counted; ends with the last day, at the midnight after it",
    "days_incl": "the day of the event is the first day; ends with the last day, at the midnight after it",
    "days_after_year_end": "days after the 31 December of the year of the event",
    "date_next_year": "a fixed date of the year after the event",
    "bdays_excl": "working days of the place's calendar after the day of the event",
    "bdays_sec": "working days of the federal calendar; the last ends at 17:30 in New York, with EDGAR",
    "month_same_time": "the same clock time a month later, or on that month's last day",
    "dora_initial": "hours from classification, at most 24 from awareness unless classified late; noon alike",
    "dora_hours": "elapsed hours; noon of the next working day for classes of entity that may wait",
    "dora_month": "the same date a month later; noon of the next working day where that is free",
    "business_hours": "hours of a contract's working time",
    "asap": "the law gives no number; a target of ours, where set, is policy and labelled so",
}
"""How the number shown is counted, in words."""
READINGS: dict[str, str] = {
    "hours_1182": "EU hours: the hour of the event is not counted (Regulation 1182/71 art 3(1))",
    "hours_1182_touch": "EU hours, and two working days at least touched (art 3(5))",
    "hours_1182_full": "EU hours, and two whole working days at least (art 3(5))",
    "month_1182": "EU months: the day of the event is not counted, ends with the day, moves to a working day "
    "(art 3(2)(c), 3(4))",
    "hours_elapsed": "elapsed hours",
    "days_excl": "the day of the event is not counted",
    "days_incl": "the day of the event is the first day",
    "days_excl_rolled": "the day of the event is not counted; a last day that is free moves on",
    "days_incl_rolled": "the day of the event is the first day; a last day that is free moves on",
    "bdays_excl": "working days of another calendar",
}
"""How another reading is counted, in words."""


ORIGINS: Final[Mapping[Origin, str]] = MappingProxyType(
    {
        "shipped": "shipped with Seventytwo",
        "own": "the organisation's own text, not a shipped one",
        "replaces shipped": "the organisation's own text, which replaces the shipped one",
    }
)
"""Whose text of a rule it is, in words."""


def summary(rule: Rule) -> dict[str, Any]:
    """What a list of rules says of each, as JSON."""
    return {
        "id": rule.id,
        "version": rule.version,
        "title": rule.title,
        "kind": rule.kind,
        "stub": rule.stub,
        "status": rule.status,
        "in_force_from": rule.in_force_from and rule.in_force_from.isoformat(),
        "in_force_until": rule.in_force_until and rule.in_force_until.isoformat(),
        "jurisdiction": rule.jurisdiction,
        "citation": str(rule.citation),
        "link": rule.citation.link,
        "evidence": rule.evidence,
        "reviewer": rule.reviewer,
        "obliged_role": rule.obliged_role,
        "recipient": rule.recipient,
        "authority": rule.authority,
        "period": rule.period and rule.period.model_dump(),
        "qualifier": rule.qualifier,
        "policy_hours": rule.policy_hours,
        "counting": rule.counting,
    }


def whole(rule: Rule) -> dict[str, Any]:
    """All that a rule says, as JSON: the summary, then the rest of its fields as they are written."""
    told = summary(rule)
    rest = rule.model_dump(mode="json")
    checked_on = rest["citation"]["checked_on"]
    return told | {"checked_on": checked_on} | {name: rest[name] for name in rest if name not in told}


def period_text(rule: Rule) -> str:
    """How long, in a few words; a target of ours is labelled, a dash stands where there is no clock."""
    if rule.period is not None:
        return str(rule.period)
    if rule.counting == "date_next_year":
        return f"by {rule.calendar} of the next year"
    if not rule.has_clock:
        return "-"
    return f"no number; target {rule.policy_hours:g} hours (policy)" if rule.policy_hours else "no number"


def dates_text(rule: Rule) -> str:
    """From when until when it is law."""
    begins = f"from {rule.in_force_from}" if rule.in_force_from else ""
    ends = f"until {rule.in_force_until}" if rule.in_force_until else ""
    return " ".join(part for part in (begins, ends) if part)


def reading_text(reading: Reading) -> str:
    """Another reading in words."""
    name = f"{reading.name}: " if reading.name else ""
    value = f", {reading.value:g}" if reading.value else ""
    calendar = f", calendar {reading.calendar}" if reading.calendar else ""
    note = f" ({reading.note})" if reading.note else ""
    return f"{name}{READINGS[reading.method]}{value}{calendar}{note}"


def starts_text(rule: Rule) -> str:
    """What starts the clock: every event that is needed, with its alternatives."""
    return " and ".join(" or ".join(limb) for limb in rule.limbs)


def lines(rule: Rule, origin: Origin = "shipped") -> Iterator[tuple[str, str]]:
    """Everything a rule says, as labelled lines; what it does not say, or is plain, is left out."""
    told = (
        ("origin", "" if origin == "shipped" else ORIGINS[origin]),
        ("status", " ".join((rule.status.replace("_", " "), dates_text(rule))).strip()),
        ("jurisdiction", rule.jurisdiction),
        ("citation", str(rule.citation)),
        ("link", rule.citation.link),
        ("checked", str(rule.citation.checked_on or "")),
        ("evidence", rule.evidence),
        ("reviewer", rule.reviewer or "nobody yet"),
        ("kind", f"{rule.kind}{', stub' if rule.stub else ''}"),
        ("who tells", ROLES[rule.obliged_role]),
        ("whom", whom(rule.recipient, rule.authority)),
        ("stage", f"{rule.stage.replace('_', ' ')}, once per {rule.per}"),
        ("starts", starts_text(rule)),
        ("period", period_text(rule)),
        ("qualifier", rule.qualifier),
        ("counting", f"{rule.counting}: {COUNTINGS[rule.counting]}" if rule.has_clock else ""),
        ("legal reading", reading_text(rule.legal) if rule.legal else ""),
        *(("contested", reading_text(reading)) for reading in rule.contested),
        ("place", rule.place or "the authority's"),
        ("calendar", rule.calendar),
        ("when", rule.when),
        *(("exemption", text) for text in rule.exemptions),
        ("must say", "; ".join(CONTENT[word] for word in rule.content)),
        ("follow-up", rule.follow_up or ""),
        ("met by", rule.met_by or ""),
        ("imputed", "our awareness is the client's" if rule.imputed else ""),
        ("lawful delay", rule.lawful_delay or ""),
        ("lateness", rule.lateness_requires or ""),
        ("penalty", rule.penalty or ""),
        *(("note", text) for text in rule.notes),
    )
    return ((label, text) for label, text in told if text)
