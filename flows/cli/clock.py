"""The calculator: `seventytwo clock RULE --event …`. It starts neither Prefect nor the store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from textwrap import wrap
from typing import Annotated, Any

import typer

from flows.calculator import SHIPPED_ALONE, Asked, Computed, compute, contract_named
from flows.cli.shown import say
from flows.clock import wall_now
from flows.rule_text import READINGS
from flows.settings import Settings
from notify.text import one_line
from playbooks.calendars import Calendars, load_calendars
from playbooks.clocks import POLICY_LABEL, Due
from playbooks.law import Rule
from playbooks.rulebook import Origin, load_book, load_versions, versions_of
from playbooks.zones import zone

app = typer.Typer(add_completion=False)

_WIDTH = 110


@app.command()
def clock(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE", help="ID (the version of that day), ID@version, or SLA-24h, a contract."
        ),
    ],
    *,
    event: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=INSTANT", help="What starts it; INSTANT alone where one event does."),
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option(metavar="K=V", help="A fact that matters, such as entity_class=ccp.")
    ] = None,
    zone_: Annotated[str, typer.Option("--zone", help="The zone of instants without an offset.")] = "",
    place: Annotated[str, typer.Option(help="Whose zone and calendar count: DE, US-CA, EU …")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Compute a deadline from a rule and an instant, before or beside any incident."""
    settings = Settings.from_env()
    asked = Asked(rule, tuple(event or ()), tuple(fact or ()), zone_, place)
    calendars = load_calendars(settings.calendar_folders) if settings.calendar_folders else None
    versions, origins = _versions(rule.strip(), settings, calendars)
    found = compute(
        asked,
        versions,
        now=wall_now(),
        default_place=settings.place,
        calendars=calendars,
        origins=origins,
    )
    if as_json:
        say(json.dumps(as_data(found), indent=2))
    else:
        for line in told(found, zone_):
            say(line)


def _versions(
    name: str, settings: Settings, calendars: Calendars | None
) -> tuple[tuple[Rule, ...], Mapping[str, Origin]]:
    """The contract or rule of that name; an organisation's book is checked whole."""
    if contract := contract_named(name):
        return (contract,), SHIPPED_ALONE
    if not settings.law_folders:
        return load_versions(name), SHIPPED_ALONE
    book = load_book(settings.law_folders, calendars)
    return versions_of(book.rules.values(), name), book.origins


def as_data(found: Computed) -> dict[str, Any]:
    """The clock as JSON, instants as `2026-11-23T09:23:00Z`."""
    due = found.due
    return {
        "rule": found.rule.id,
        "version": found.rule.version,
        "status": found.status,
        "origin": found.origin,
        "due_at": _iso(due.due_at),
        "legal_due_at": _iso(_legal(due)),
        "contested": [
            {"reading": one.reading, "due_at": _iso(one.due_at), "note": one.note} for one in due.contested
        ],
        "not_computable_because": due.not_computable_because or None,
        "counting": due.counting,
        "policy": due.policy,
        "explanation": due.explanation,
        "citation": str(found.rule.citation),
        "evidence": found.rule.evidence,
        "events": {name: _iso(at) for name, at in found.events.items()},
        "place": found.place.name,
        "place_from": found.place_from,
        "zone": found.place.zone_name,
        "warnings": list(found.warnings),
        "tzdata": due.tzdata_version,
        "holidays": due.holidays_version,
    }


def _legal(due: Due) -> datetime | None:
    """The law's own reading: the number shown where it has no other, none where the number is our target."""
    return due.legal_due_at or (None if due.policy else due.due_at)


def told(found: Computed, zone_name: str = "") -> Iterator[str]:
    """The clock for people: the number first, then the legal reading, then why."""
    due, rule = found.due, found.rule
    zones = dict.fromkeys((found.place.zone_name, zone_name or found.place.zone_name))
    if due.due_at is None:
        yield f"not computable: {due.not_computable_because or due.explanation}"
    else:
        yield _instant(due.due_at, zones) + (f"   {POLICY_LABEL}" if due.policy else "")
    if due.legal_due_at is not None and rule.legal is not None:
        yield f"legal reading: {_instant(due.legal_due_at, zones)}"
        yield f"               {READINGS[rule.legal.method]}"
    yield ""
    yield f"{rule.id}  {one_line(rule.title)}"
    law = f"{one_line(rule.citation)}, {found.status.replace('_', ' ')}, version {rule.version}"
    yield from _labelled("law", law)
    yield from _labelled("place", f"{found.place}, from {found.place_from}")
    yield from _labelled("why", due.explanation)
    for one in due.contested:
        yield from _labelled(
            "contested", f"{one.reading}: {_instant(one.due_at, zones)}; never planned against"
        )
        yield from _labelled("", one.note)
    for warning in found.warnings:
        yield from _labelled("note", warning)
    yield from _labelled("data", f"tzdata {due.tzdata_version}, holidays {due.holidays_version}")


def _labelled(label: str, text: str) -> list[str]:
    """A labelled text, folded so that it stays beside its label."""
    return wrap(one_line(text), _WIDTH, initial_indent=f"  {label:<11}", subsequent_indent=" " * 13)


def _instant(at: datetime, zones: dict[str, None]) -> str:
    """An instant in UTC, then by the clocks of the zones, with their weekdays."""
    local = (f"{at.astimezone(zone(name)):%A %d %B %H:%M} {name}" for name in zones)
    return f"{_iso(at)}   {'   '.join(local)}"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
