"""The assessment: `seventytwo assess FACTS.yaml`. It starts neither Prefect nor the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer

from flows.cli.shown import say, when
from flows.clock import wall_now
from flows.settings import Settings
from notify.text import one_line
from playbooks.assessing import APPLIES, Assessment, Judged, as_json, assess
from playbooks.calendars import load_calendars
from playbooks.clocks import POLICY_LABEL
from playbooks.documents import LARGEST_FILE
from playbooks.errors import Fault, FileFaults
from playbooks.fact_file import read_fact_file
from playbooks.facts import DICTIONARY, UNKNOWN
from playbooks.places import Place, place
from playbooks.rulebook import load_rules
from playbooks.shadow import Shadow
from playbooks.truth import Truth
from playbooks.verdicts import Considered
from playbooks.zones import zone

app = typer.Typer(add_completion=False)

_WIDTH = 110
_STARTS = {
    "our notice": "starts with our notice",
    "imputed": "our awareness counts as the client's",
    "its own decision": "starts with an act of the client's own",
}


@app.command("assess")
def assess_(
    file: Annotated[Path, typer.Argument(metavar="FACTS.yaml", help="docs/examples/edpb holds some.")],
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also why each other rule does not apply.")] = False,
    place_: Annotated[
        str, typer.Option("--place", help="Whose zone and calendar count where the file names none.")
    ] = "",
    json_: Annotated[bool, typer.Option("--json", help="As JSON, with every rule.")] = False,
) -> None:
    """Say what the facts in a file make of severity, duties and clocks; nothing is stored."""
    settings, now = Settings.from_env(), wall_now()
    where = place(place_ or settings.place)
    calendars = load_calendars(settings.calendar_folders)
    rules = load_rules(settings.law_folders, calendars).values()
    facts = read_fact_file(_bytes(file), str(file), now=now, rules=rules)
    found = assess(facts, rules, facts.at or now, where, calendars)
    if json_:
        say(json.dumps(as_json(found), indent=2, ensure_ascii=False))
        return
    for line in told(found, everything=all_):
        say(line)


def told(found: Assessment, *, everything: bool = False) -> Iterator[str]:
    """The assessment for people: advice with reasons, what applies, the clocks, on request what does not."""
    yield f"assessed at {when(found.at)}, place {found.places[None]}"
    for warning in found.warnings:
        yield from _folded(f"note: {warning}")
    for one in found.judged:
        yield from _advised(one)
    yield from _section("what applies", _owed(found))
    yield from _section("what is presumed until known", _presumed(found, everything=everything))
    yield from _section("clocks", _clocks(found, holds=True))
    presumed = _clocks(found, holds=UNKNOWN, briefly=not everything)
    yield from _section("clocks that are presumed", presumed)
    yield from _section("the clients' own clocks", _shadows(found))
    wanted = (f"{name}: {DICTIONARY[name].label}" for name in found.needed)
    yield from _section("what the law still asks", (line for text in wanted for line in _folded(text)))
    if everything:
        yield from _section("what does not apply", _others(found))


def _bytes(file: Path) -> bytes:
    """The file's bytes, one more than allowed at most."""
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        fault = Fault(str(file), 1, f"cannot be read: {error.strerror}", "check its name and permissions")
        raise FileFaults((fault,)) from error


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    body = list(lines)
    if body:
        yield from ("", title.upper(), *body)


def _advised(one: Judged) -> Iterator[str]:
    advice = one.advice
    title = f"advice for {one.case}" if one.case else "advice"
    range_ = "" if advice.score == advice.score_at_most else f", at most {advice.score_at_most:.2f}"
    yield from ("", title.upper())
    yield f"  severity {advice.score:.2f}, {advice.band}{range_}"
    yield f"  tell the authority: {advice.sa}; tell the people: {advice.ds}; risk: {advice.risk}"
    for flag in advice.flags:
        yield f"  flag: {flag}"
    for reason in advice.why:
        yield from _folded(f"- {reason}")
    if advice.unknown:
        yield from _folded(f"- still unknown: {', '.join(advice.unknown)}")
    if one.hipaa:
        presumed = "a breach is presumed" if one.hipaa.presumed else "no breach is presumed"
        yield f"  HIPAA (45 CFR 164.402): {presumed}"
        for reason in one.hipaa.why:
            yield from _folded(f"- {reason}")


def _owed(found: Assessment) -> Iterator[str]:
    for one in found.applying:
        if one.verdict.holds is True:
            yield from _ruled(one)


def _presumed(found: Assessment, *, everything: bool) -> Iterator[str]:
    """The rules that cannot be decided: what each still asks, and on request the whole trace."""
    for one in found.applying:
        if one.verdict.holds is UNKNOWN and everything:
            yield from _ruled(one)
        elif one.verdict.holds is UNKNOWN:
            yield from _folded(
                f"{_named(one)}: {one.rule.title}; unknown: {', '.join(found.unknown_to(one))}"
            )


def _named(one: Considered | Shadow) -> str:
    """The rule with its subject, and a mark where it is from memory."""
    stub = " (stub)" if one.rule.stub else ""
    return f"{one.rule.id}{f' for {one.case}' if one.case else ''}{stub}"


def _ruled(one: Considered) -> Iterator[str]:
    yield from _folded(f"{_named(one)}: {one.rule.title} ({one.rule.citation})")
    for reason in one.verdict.why:
        yield from _folded(reason, deeper=True)


def _clocks(found: Assessment, holds: Truth, *, briefly: bool = False) -> Iterator[str]:
    for one in found.applying:
        if one.rule.has_clock and one.verdict.holds is holds:
            yield from _clock(found, one, briefly=briefly)


def _shadows(found: Assessment) -> Iterator[str]:
    for one in found.shadows:
        yield from _clock(found, one)
        yield from _folded(_started(one), deeper=True)


def _started(one: Shadow) -> str:
    used = f"; we have used {one.used.total_seconds() / 3600:.1f} h" if one.used is not None else ""
    return f"{APPLIES[one.holds]}; {_STARTS[one.starts]}{used}"


def _clock(found: Assessment, one: Considered | Shadow, *, briefly: bool = False) -> Iterator[str]:
    """A clock's instant, rule and standing, then how it was counted and how else it is read."""
    due, where = one.due, found.place_of(one.rule, one.case)
    if due.due_at is None:
        yield from _folded(f"not computable  {_named(one)}: {due.not_computable_because or due.explanation}")
        return
    standing = found.standing(one).replace("_", " ")
    policy = f", {POLICY_LABEL}" if due.policy else ""
    yield f"  {_instant(due.due_at, where)}  {_named(one)}: {standing}{policy}"
    if briefly:
        return
    yield from _folded(due.explanation, deeper=True)
    if due.legal_due_at:
        yield from _folded(f"the law's own reading: {_instant(due.legal_due_at, where)}", deeper=True)
    for other in due.contested:
        yield from _folded(f"contested, {other.reading}: {_instant(other.due_at, where)}", deeper=True)


def _others(found: Assessment) -> Iterator[str]:
    for one in found.considered:
        if one.verdict.holds is False:
            yield from _folded(f"{_named(one)}: {'; '.join(one.verdict.why)}")


def _instant(at: datetime, where: Place) -> str:
    """An instant in UTC and by the place's clock."""
    local = at.astimezone(zone(where.zone_name))
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%MZ}  {local:%a %d %b %H:%M} {where.zone_name}"


def _folded(text: str, *, deeper: bool = False) -> list[str]:
    """A text folded to the width of a page, inert whatever is in it."""
    indent = " " * (6 if deeper else 2)
    return wrap(one_line(text), _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")
