"""The rules of law: `seventytwo law list|show|check|diff`. Neither Prefect nor the store is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from flows import rule_text
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.settings import Settings
from notify.text import one_line
from playbooks.calendars import Calendars, load_calendars
from playbooks.errors import Mend, NotFound
from playbooks.law import Rule, Status
from playbooks.rulebook import Book, Origin, load_book, load_folder, versions_of
from playbooks.rulebook_diff import FieldChange, RuleChange, book_changes, field_changes
from playbooks.rulebook_findings import findings

app = typer.Typer(no_args_is_help=True, add_completion=False)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
_DAYS = ["%Y-%m-%d"]


@app.callback()
def law() -> None:
    """List, show, check and compare the rules of law."""


@app.command("list")
def list_(
    *,
    jurisdiction: Annotated[str, typer.Option(help="Only these: EU, US-CA …; US has its states too.")] = "",
    status: Annotated[Status | None, typer.Option(help="As the file says; --on goes by the dates.")] = None,
    on: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Only what is law on that day, by its dates.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every version of every rule."""
    book = _book()
    rules = [rule for rule in _of(_rules(book), jurisdiction) if status in (None, rule.status)]
    found = [rule for rule in rules if on is None or rule.holds_on(on.date())]
    if as_json:
        _say_json([rule_text.summary(rule) | _origin(book, rule) for rule in found])
        return
    heads = ("rule", "version", "status", "period", *(("origin",) if _has_own(book) else ()), "citation")
    columns(heads, [_row(book, rule) for rule in found], none="no such rule")


@app.command()
def show(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="ID or ID@version.")], *, as_json: AsJson = False
) -> None:
    """Show all that a rule says, every version of it."""
    book = _book()
    versions = versions_of(_rules(book), rule)
    if as_json:
        _say_json([rule_text.whole(one) | _origin(book, one) for one in versions])
        return
    for one in versions:
        say(f"{one.key}  {one_line(one.title)}")
        for label, text in rule_text.lines(one, book.origins[one.key]):
            say(f"  {label:<13}  {one_line(text)}")


@app.command()
def check(*, as_json: AsJson = False) -> None:
    """Check every rule; faults end with exit code 1, findings are what a reviewer should settle."""
    book, today = _book(), _today()
    rules = _rules(book)
    found = {rule.key: findings(rule, today) for rule in rules}
    if as_json:
        _say_json(
            [rule_text.summary(rule) | _origin(book, rule) | {"findings": found[rule.key]} for rule in rules]
        )
        return
    columns(
        ("rule", "version", "status", "evidence", "reviewer", "findings"),
        [(r.id, r.version, r.status, r.evidence, r.reviewer, "; ".join(found[r.key])) for r in rules],
        none="no rule",
    )
    say(f"{len(rules)} versions of {len({rule.id for rule in rules})} rules: no fault")


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="V1", help="ID@version, or a folder of rules.")],
    after: Annotated[str, typer.Argument(metavar="V2", help="The other version, or the other folder.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two versions of a rule field by field, or two folders of rules."""
    changes = _changes(before, after)
    if as_json:
        _say_json([asdict(change) for change in changes])
        return
    for change in changes:
        say(f"{change.change:<8} {change.rule}")
        for field in change.fields:
            _say_field(field)
    if not changes:
        say("no difference")


def _calendars() -> Calendars:
    return load_calendars(Settings.from_env().calendar_folders)


def _book() -> Book:
    return load_book(Settings.from_env().law_folders, _calendars())


def _origin(book: Book, rule: Rule) -> dict[str, Origin]:
    return {"origin": book.origins[rule.key]}


def _has_own(book: Book) -> bool:
    return any(origin != "shipped" for origin in book.origins.values())


def _row(book: Book, rule: Rule) -> tuple[object, ...]:
    """What a list says of a rule; whose text it is only where the organisation has some of its own."""
    whose = (book.origins[rule.key],) if _has_own(book) else ()
    return rule.id, rule.version, rule.status, rule_text.period_text(rule), *whose, rule.citation


def _rules(book: Book) -> list[Rule]:
    return sorted(
        book.rules.values(),
        key=lambda rule: (rule.jurisdiction, rule.id, rule.in_force_from or date.max, rule.version),
    )


def _today() -> date:
    return wall_now().date()


def _of(rules: list[Rule], jurisdiction: str) -> list[Rule]:
    """The rules of a jurisdiction and its parts; NotFound names all there are."""
    found = [rule for rule in rules if _lies_in(rule.jurisdiction, jurisdiction)]
    if not found:
        known = ", ".join(sorted({rule.jurisdiction for rule in rules}))
        raise NotFound("no rule of that jurisdiction", which=jurisdiction, mend=f"there are: {known}")
    return found


def _lies_in(code: str, wanted: str) -> bool:
    return not wanted or code == wanted or code.startswith(f"{wanted}-")


def _changes(before: str, after: str) -> tuple[RuleChange, ...]:
    if Path(before).is_dir() and Path(after).is_dir():
        calendars = _calendars()
        return book_changes(load_folder(Path(before), calendars), load_folder(Path(after), calendars))
    rules = _rules(_book())
    old, new = _one(rules, before), _one(rules, after)
    fields = field_changes(old, new)
    return (RuleChange(f"{old.key} → {new.key}", "changed", fields),) if fields else ()


def _one(rules: Iterable[Rule], name: str) -> Rule:
    found = versions_of(rules, name)
    if len(found) > 1:
        raise Mend(
            f"`{name}` has several versions", mend=f"name one: {', '.join(rule.key for rule in found)}"
        )
    return found[0]


def _say_field(field: FieldChange) -> None:
    say(f"  {field.field}")
    for mark, value in (("-", field.before), ("+", field.after)):
        if value not in (None, "", []):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            say(f"    {mark} {one_line(text)}")


def _say_json(value: Any) -> None:
    say(json.dumps(value, indent=2))
