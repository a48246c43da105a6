"""A reconstruction of access on the terminal."""

from __future__ import annotations

from flows.cli.shown import columns, say, when
from notify.text import terminal
from playbooks.forensics.fanging import defang
from playbooks.forensics.result import Line, Result
from playbooks.forensics.scope import Proposal

SHOWN_LINES = 40


def say_result(result: Result, proposal: Proposal | None) -> None:
    """Show clients, accounts, logs, findings, and the scope proposed."""
    whom = "every account" if result.accounts is None else ", ".join(map(defang, result.accounts)) or "nobody"
    say(f"from {when(result.since)} until {when(result.until)}, of {terminal(whom)}")
    say()
    columns(
        ("client", "accounts", "records", "accesses", "first", "last", "after hours", "bulk"),
        [(one.client or "none named", one.accounts, *_counts(one)) for one in result.clients],
        none="no access was found",
    )
    say()
    columns(
        ("account", "client", "system", "records", "accesses", "first", "last", "after hours", "bulk"),
        [(defang(one.account), one.client, one.system, *_counts(one)) for one in result.lines[:SHOWN_LINES]],
        none="no account",
    )
    if result.lines_in_all > SHOWN_LINES:
        say(f"and {result.lines_in_all - SHOWN_LINES:,} more; --json shows {len(result.lines):,}")
    say()
    columns(
        ("log", "system", "files", "rows", "matched", "broken", "first", "last"),
        [
            (one.source, one.system, one.files, one.rows, one.matched, one.broken, one.first, one.last)
            for one in result.logs
        ],
        none="no log was read",
    )
    for log in result.logs:
        for place in log.places:
            say(f"  {terminal(f'{place.file}:{place.line}: {place.why}')}")
    _say_scope(result, proposal)


def _counts(line: Line) -> tuple[object, ...]:
    share = line.share_after_hours
    late = "-" if share is None else f"{share:.0%}"
    bulk = "; ".join(one.told for one in line.downloads[:2])
    return (line.records, line.accesses, line.first, line.last, late, bulk)


def _say_scope(result: Result, proposal: Proposal | None) -> None:
    say()
    if proposal is not None:
        columns(
            ("client", "case", "records", "confidence", "why", "categories", "jurisdictions"),
            [
                (
                    one.client or "none named",
                    one.case or "none yet",
                    one.records,
                    one.confidence,
                    "; ".join(one.why),
                    one.categories,
                    one.jurisdictions,
                )
                for one in proposal.clients
            ],
            none="no scope can be proposed",
        )
    for finding in proposal.findings if proposal else result.findings:
        say(f"finding: {terminal(finding)}")
