"""What no single part of a file shows: names that stand twice, and names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flows.access_watch.book_file import WatchFile
from flows.forensics.row_reading import matched
from playbooks.access_watch.rules import Bulk
from playbooks.documents import Document, Path
from playbooks.errors import Fault

Files = Sequence[tuple[Document, WatchFile]]


def named_twice(files: Files) -> Iterator[Fault]:
    """What stands in the files more than once."""
    seen: set[tuple[str, str]] = set()
    for document, file in files:
        for what, name, path in _named(file):
            if (what, name) in seen:
                yield document.fault(path, f"{what} `{name}`" if name else what, "keep one of them")
            seen.add((what, name))


def _named(file: WatchFile) -> Iterator[tuple[str, str, Path]]:
    if file.settings is not None:
        yield "a second `settings`", "", ("settings",)
    for n, rule in enumerate(file.rules):
        yield "a second rule", rule.id, ("rules", n, "id")
    for n, roster in enumerate(file.rosters):
        yield "a second roster", roster.id, ("rosters", n, "id")
    for n, person in enumerate(file.people):
        for at, account in enumerate(person.accounts):
            yield "a second person with the account", matched(account), ("people", n, "accounts", at)
    for n, network in enumerate(file.networks):
        for at, cidr in enumerate(network.networks):
            yield "a second place with the network", cidr, ("networks", n, "networks", at)


def leading_nowhere(files: Files, logs: Sequence[str]) -> Iterator[Fault]:
    """Names of rosters, rules and, where `logs` are given, of logs that do not exist."""
    rosters = {one.id for _, file in files for one in file.rosters}
    rules = {one.id for _, file in files for one in file.rules}
    for document, file in files:
        for what, name, path in _meant(file):
            known = {"roster": rosters, "rule": rules, "log": set(logs)}[what]
            if name not in known and (known or what != "log"):
                yield document.fault(path, f"no {what} `{name}`", _one_of(known))


def exempt_in_vain(files: Files) -> Iterator[Fault]:
    """Who is exempt from a rule that counts all accounts of a client together, and so asks nobody's."""
    together = {
        rule.id
        for _, file in files
        for rule in file.rules
        if isinstance(rule, Bulk) and rule.by == ("client",)
    }
    for document, file in files:
        for n, person in enumerate(file.people):
            for at, exempt in enumerate(person.exempt):
                if exempt in together:
                    what = f"`{exempt}` counts all accounts of a client together: nobody is exempt from it"
                    yield document.fault(
                        ("people", n, "exempt", at), what, "leave it out, or raise its limit"
                    )


def _meant(file: WatchFile) -> Iterator[tuple[str, str, Path]]:
    usual = file.settings.usual_roster if file.settings is not None else None
    if usual is not None:
        yield "roster", usual, ("settings", "usual_roster")
    for n, person in enumerate(file.people):
        if person.roster is not None:
            yield "roster", person.roster, ("people", n, "roster")
        for at, exempt in enumerate(person.exempt):
            yield "rule", exempt, ("people", n, "exempt", at)
    for n, rule in enumerate(file.rules):
        for at, log in enumerate(rule.logs):
            yield "log", log, ("rules", n, "logs", at)


def _one_of(names: set[str]) -> str:
    return f"use one of {', '.join(sorted(names)[:10])}" if names else "describe it first"
