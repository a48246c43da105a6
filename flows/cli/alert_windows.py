"""Windows announced beforehand: `seventytwo alert quiet|test add|list|end`."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.asked import As, Code, changing, opened, reading, voucher
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.windows import NewWindow, add_window, end_window, windows
from playbooks.alerts.windows import WindowKind
from playbooks.instants import read_instant
from store.tables import AlertWindow

quiet = typer.Typer(no_args_is_help=True, add_completion=False)
test = typer.Typer(no_args_is_help=True, add_completion=False)

Until = Annotated[str, typer.Option(help="When it ends: 2026-11-20T18:00Z, or another offset.")]
SourceName = Annotated[str, typer.Option("--source", help="The source whose alerts it is about.")]
ClientRef = Annotated[str, typer.Option("--client", help="The client whose alerts alone it is about.")]
Match = Annotated[str, typer.Option("--match", help="A condition over alerts, as in docs/alert-rules.md.")]
Why = Annotated[str, typer.Option(help="Why; it is stored sealed.")]


@quiet.callback()
def quiet_windows() -> None:
    """Hold matching alerts back for a while; what still fires at the end is opened then."""


@test.callback()
def announced_tests() -> None:
    """Announce a penetration test or a red team: what matches becomes a candidate that names the test."""


@quiet.command("add")
def add_quiet(
    *,
    until: Until,
    why: Why,
    source: SourceName = "",
    client: ClientRef = "",
    match: Match = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Begin a quiet window now, for 30 days at most; it holds no resolve and no news of an open incident."""
    end, _ = read_instant(until)
    new = NewWindow("quiet", wall_now(), end, why, source, client, match)
    say(f"quiet window {_add(new, as_, code)} is in force; list it with `seventytwo alert quiet list`")


@test.command("add")
def add_test(
    *,
    from_: Annotated[str, typer.Option("--from", help="When it begins; as --until.")],
    until: Until,
    why: Why,
    contact: Annotated[str, typer.Option(help="Whom to ask whether something is part of it.")],
    source: SourceName = "",
    client: ClientRef = "",
    match: Match = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Announce a test; nothing that matches it is dropped, and somebody looks at each candidate."""
    (begin, _), (end, _) = read_instant(from_), read_instant(until)
    new = NewWindow("test", begin, end, why, source, client, match, contact)
    say(f"test {_add(new, as_, code)} is announced; list it with `seventytwo alert test list`")


@quiet.command("list")
def list_quiet() -> None:
    """List every quiet window with the number of alerts it holds, the newest first."""
    _list("quiet", "alerts held")


@test.command("list")
def list_test() -> None:
    """List every announced test with the number of alerts that matched, the newest first."""
    _list("test", "alerts matched")


@quiet.command("end")
def end_quiet(number: int, *, as_: As = "", code: Code = "") -> None:
    """End a quiet window now; the watch opens what it held and still fires within seconds."""
    _end("quiet", number, as_, code)


@test.command("end")
def end_test(number: int, *, as_: As = "", code: Code = "") -> None:
    """End an announced test now; its candidates stay until somebody decides."""
    _end("test", number, as_, code)


def _add(new: NewWindow, as_: str, code: str) -> int:
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        return add_window(change.session, new, change.author, change.at)


def _end(kind: WindowKind, number: int, as_: str, code: str) -> None:
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        end_window(change.session, kind, number, change.author, change.at)
    say(f"{kind} window {number} is over")


def _list(kind: WindowKind, counted: str) -> None:
    with reading() as session:
        rows = [
            (
                row.id,
                _state(row),
                source,
                client,
                row.match,
                row.begins_at,
                row.until,
                row.by,
                row.contact,
                row.why,
                count,
            )
            for row, source, client, count in windows(session, kind)
        ]
    names = ("number", "state", "source", "client", "match", "from", "until", "by", "ask", "why", counted)
    columns(names, rows, none=f"no {kind} window yet")


def _state(row: AlertWindow) -> str:
    now = wall_now()
    if row.ended_at is not None or row.until <= now:
        return "over"
    return "in force" if row.begins_at <= now else "ahead"
