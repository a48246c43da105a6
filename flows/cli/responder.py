"""The people: `seventytwo responder add|list|disable`."""

from __future__ import annotations

import sys
from typing import Annotated

import segno
import typer

from flows import people
from flows.cli.asked import As, Code, Second, SecondCode, changing, opened, reading, voucher, vouchers
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.house import House
from flows.people import Enrolment, Newcomer
from flows.vouching import Voucher

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def responder() -> None:
    """Enrol, list and disable the people who answer."""


@app.command()
def add(
    handle: Annotated[str, typer.Argument(help="The name in forms and timelines: a-z, 0-9 and -.")],
    *,
    name: Annotated[str, typer.Option(help="The person's name; it is stored sealed.")],
    role: Annotated[list[str], typer.Option(help=f"One of {', '.join(people.ROLES)}; may be repeated.")],
    client: Annotated[list[str] | None, typer.Option(help="Only this client; may be repeated.")] = None,
    slack_id: Annotated[str, typer.Option(help="The Slack member id, such as U012AB3CD.")] = "",
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
    qr: Annotated[bool, typer.Option(help="Show the QR code.")] = True,
) -> None:
    """Enrol a responder and show the secret once; the first of an empty store needs nobody's code."""
    newcomer = Newcomer(handle, name, tuple(role), tuple(client or ()), slack_id)
    people.refuse_faults(newcomer)
    with opened() as house:
        needed = _sponsors_needed(house, newcomer)
        _show(_enrol(house, newcomer, vouchers(needed, (as_, code), (second, second_code))), qr=qr)


@app.command("list")
def list_() -> None:
    """List every responder."""
    with reading() as session:
        rows = people.responders(session)
    columns(
        ("handle", "name", "roles", "clients", "enrolled", "disabled"),
        [(r.handle, r.name, r.roles, r.clients or "all", r.enrolled_at, r.disabled_at) for r in rows],
        none="no responder yet: seventytwo responder add",
    )


@app.command("slack")
def slack_(
    handle: str,
    slack_id: Annotated[str, typer.Argument(help="The Slack member id, such as U012AB3CD; empty for none.")],
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Say which Slack member a responder is: what that member presses counts as theirs."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        people.give_slack_id(change.session, handle, slack_id, change.author, change.at)
    say(f"{handle} is {slack_id}" if slack_id else f"{handle} has no member id")


@app.command()
def disable(handle: str, *, as_: As = "", code: Code = "") -> None:
    """End what a responder may do; the answers given stay."""
    with opened() as house, changing(house, (voucher(as_, code),)) as change:
        people.disable(change.session, handle, change.author, change.at)
    say(f"{handle} is disabled")


def _sponsors_needed(house: House, newcomer: Newcomer) -> int:
    with house.store.reading() as session:
        return people.sponsors_needed(newcomer.roles, people.ever_enrolled(session))


def _enrol(house: House, newcomer: Newcomer, sponsors: tuple[Voucher, ...]) -> Enrolment:
    if sponsors:
        with changing(house, sponsors) as change:
            return people.enrol(change.session, newcomer, change.by, change.at)
    with house.store.writing() as session:
        return people.enrol(session, newcomer, (), wall_now())


def _show(enrolment: Enrolment, *, qr: bool) -> None:
    say(f"{enrolment.handle} is enrolled. Read this into an authenticator app; it is not shown again.")
    if qr:
        segno.make(enrolment.uri, error="m").terminal(out=sys.stdout, compact=True)
    say(enrolment.uri)
