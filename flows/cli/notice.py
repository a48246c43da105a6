"""The notices: `seventytwo notice list|show|diff|check`, and what people do about one on its way."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from sqlmodel import Session, select

from flows.cli.asked import As, Code, new_purpose, opened, proven, voucher
from flows.cli.notice_page import Seen, say_changes, say_findings, say_list, say_notice
from flows.cli.shown import say
from flows.clock import incident_now, wall_now
from flows.delivery import in_name
from flows.delivery.reports import take_report
from flows.incidents import find_incident, incidents, no_such_incident
from flows.notice_checks import findings_for
from flows.notice_reading import MAX_ID, notice_seen, notices_seen, scope_of
from notify.delivery.dsn import LARGEST
from playbooks.errors import NotFound
from playbooks.notices.findings import blocking
from store.scope import Scope
from store.tables import Incident, Notice, Responder

app = typer.Typer(no_args_is_help=True, add_completion=False)

Reader = Annotated[
    str,
    typer.Option(
        "--as", metavar="HANDLE", envvar="SEVENTYTWO_AS", help="Only what this responder may see; else all."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
Number = Annotated[int, typer.Argument(metavar="ID", help="The notice's number, as the list has it.")]


@app.callback()
def notice() -> None:
    """List, show, compare and check notices; send one again, take down what came back."""


@app.command("list")
def list_(
    ref: Annotated[str, typer.Argument(metavar="[INC]", help="Of this one; else of all open ones.")] = "",
    *,
    as_: Reader = "",
    as_json: AsJson = False,
) -> None:
    """List notices, the latest first: for which case, in which version, how far they have come."""
    with opened() as house, house.store.reading() as session:
        reader = _reader(session, as_)
        found = [find_incident(session, ref)] if ref else incidents(session)
        rows: list[tuple[Incident, Notice]] = []
        for one in found:
            scope = scope_of(session, one, reader)
            if scope is not None:
                rows += [(one, row) for row in notices_seen(session, one, scope)]
            elif ref:
                raise no_such_incident(ref)
        say_list(rows, as_json=as_json)


@app.command()
def show(number: Number, *, as_: Reader = "", as_json: AsJson = False) -> None:
    """Show a notice: whom it tells, the duties it meets, its text, and below that its hash."""
    with opened() as house, house.store.reading() as session:
        incident, scope, found = _find(session, number, as_)
        now = incident_now(session, incident, wall_now())
        say_notice(Seen(house, session, incident, scope, now, found), as_json=as_json)


@app.command()
def diff(number: Number, *, as_: Reader = "", as_json: AsJson = False) -> None:
    """Say what changed since the last version of its round, and since what its recipient accepted last."""
    with opened() as house, house.store.reading() as session:
        _, _, found = _find(session, number, as_)
        say_changes(session, found, as_json=as_json)


@app.command()
def check(number: Number, *, as_: Reader = "", as_json: AsJson = False) -> None:
    """Check a notice's words against the facts as they stand now; exit code 1 where a finding stops it."""
    with opened() as house, house.store.reading() as session:
        incident, _, found = _find(session, number, as_)
        now = incident_now(session, incident, wall_now())
        findings = findings_for(house, session, incident, found, now)
        say_findings(found, findings, as_json=as_json)
    if blocking(findings):
        raise typer.Exit(1)


def _find(session: Session, number: int, handle: str) -> tuple[Incident, Scope, Notice]:
    """A notice and its incident; raises NotFound, in the same words where its reader may not know of it."""
    reader = _reader(session, handle)
    found = session.get(Notice, number) if 0 < number <= MAX_ID else None
    if found is not None:
        incident = session.get_one(Incident, found.incident_id)
        scope = scope_of(session, incident, reader)
        if scope is not None and notice_seen(session, incident, scope, number) is not None:
            return incident, scope, found
    raise NotFound("no such notice", which=str(number), mend="see `seventytwo notice list`")


def _reader(session: Session, handle: str) -> Responder | None:
    if not handle:
        return None
    found = session.exec(select(Responder).where(Responder.handle == handle)).first()
    if found is None:
        raise NotFound("no such responder", which=handle[:32], mend="see `seventytwo responder list`")
    return found


@app.command()
def resend(
    number: Number,
    *,
    way: Annotated[int, typer.Option(help="Which of its ways, as `notice show` numbers them.")],
    as_: As = "",
    code: Code = "",
) -> None:
    """Send a released notice once more by one of its ways; it says when it went there before."""
    with opened() as house:
        (by,) = proven(house, voucher(as_, code))
        say(in_name.resend(house, in_name.Asked(number, by, new_purpose()), way))


@app.command()
def arrived(number: Number, *, as_: As = "", code: Code = "") -> None:
    """Say of a mail in doubt that it arrived: it is not sent again, and still needs its proof."""
    _say_of_mail(number, as_, code, arrived=True)


@app.command()
def lost(number: Number, *, as_: As = "", code: Code = "") -> None:
    """Say of a mail in doubt that it did not arrive: it is sent again now, under the same id."""
    _say_of_mail(number, as_, code, arrived=False)


@app.command()
def receipt() -> None:
    """Read a mail server's report from standard input and write it down: for the pipe of its mailbox."""
    raw = sys.stdin.buffer.read(LARGEST + 1)
    with opened() as house:
        found = take_report(house, raw)
    say(f"{found.incident}, notice {found.notice}: {found.kind}, now {found.state}")


def _say_of_mail(number: int, handle: str, code: str, *, arrived: bool) -> None:
    with opened() as house:
        (by,) = proven(house, voucher(handle, code))
        say(in_name.say_of_mail(house, in_name.Asked(number, by, new_purpose()), arrived=arrived))
