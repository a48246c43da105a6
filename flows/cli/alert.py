"""What an alert would become, and posting it: `seventytwo alert FILE|-`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import make_url
from sqlmodel import Session
from typer.core import TyperGroup

from flows.cli.alert_page import alert_lines, fate_lines
from flows.cli.asked import database_faults, opened
from flows.cli.later import told
from flows.cli.shown import say
from flows.clock import wall_now
from flows.house import House
from flows.intake.body import BODY_LIMIT
from flows.intake.claims import Understood
from flows.intake.deliveries import KnownSource
from flows.intake.kinds import AUTO
from flows.intake.posting import post, refusal
from flows.intake.senders import known_sender, unknown_sender
from flows.intake.stating import foretold, nothing_known, stated
from flows.settings import Settings
from notify.text import terminal
from playbooks.alerts.rules import load_alert_rules
from playbooks.errors import ChooseAgain, Mend, SetupFault, SeventytwoError

_SHOW = "show"


class _FileOrCommand(TyperGroup):
    """A group whose first word, where it names no subcommand, is the file to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read `FILE …` and `--source S FILE …` as `show FILE …`; a file named like a command is ./it."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [_SHOW, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_FileOrCommand,
    no_args_is_help=True,
    add_completion=False,
    subcommand_metavar="FILE|- [--source S|auto] [--json] [--dry-run] | COMMAND [ARGS]...",
)


@app.callback()
def alert() -> None:
    """Show what an alert would become, and post it; quarantine, quiet windows, announced tests, rules."""


@app.command(_SHOW, hidden=True)
def show(
    file: Annotated[
        Path, typer.Argument(metavar="FILE|-", help="The body as the tool sends it; - reads it.")
    ],
    *,
    source: Annotated[str, typer.Option(help="The source's name, or its kind; auto asks the body.")] = AUTO,
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Post nothing.")] = False,
) -> None:
    """Show what an alert would become and why; without --dry-run, post it to the desk."""
    body = _bytes(file)
    if dry_run:
        _foretell(body, source, as_json=json_)
    else:
        _post(body, source, as_json=json_)


def _foretell(body: bytes, named: str, *, as_json: bool) -> None:
    """Show what the body would become, in the light of whatever is known here."""
    with _house_if_any() as house:
        if house is None:
            sender, read = unknown_sender(named, body)
            would = nothing_known(read, sender, load_alert_rules())
        else:
            with house.store.reading() as session:
                sender, read = _sender(session, named, body)
                would = nothing_known(read, sender, house.alert_rules)
    if as_json:
        say(json.dumps(foretold(read.claims, sender.name, read.kind, would), indent=2, ensure_ascii=False))
        return
    _say_cards(read, sender, would, is_done=False)


def _post(body: bytes, named: str, *, as_json: bool) -> None:
    """Post the body in the source's name, and show what the desk made of it."""
    with opened() as house:
        wall = wall_now()
        with house.store.reading() as session:
            sender, read = known_sender(session, named, body, wall)
        answered = post(house.settings.desk_url, sender, body, wall)
    if not answered.is_taken:
        raise refusal(answered, sender.name)
    if as_json:
        alerts = [stated(one, sender.name, read.kind) for one in read.claims]
        say(json.dumps({"alerts": alerts, "results": answered.results}, indent=2, ensure_ascii=False))
        return
    _say_cards(read, sender, answered.results, is_done=True)
    say(f"\nposted to {terminal(house.settings.desk_url)} as {sender.name}")


def _sender(session: Session, named: str, body: bytes) -> tuple[KnownSource, Understood]:
    """Who would send it; where no source of the kind is there yet, one of which nothing is known."""
    try:
        return known_sender(session, named, body, wall_now())
    except ChooseAgain as missing:
        found = unknown_sender(named, body)
        _note(missing)
        return found


@contextmanager
def _house_if_any() -> Iterator[House | None]:
    """The house, or none where this machine has none that can be opened, which is said."""
    with ExitStack() as stack:
        house = None
        try:
            with database_faults():
                _must_have_database(Settings.from_env().database_url)
            house = stack.enter_context(opened())
        except SetupFault as missing:
            _note(missing)
        yield house


def _must_have_database(address: str) -> None:
    """Raise SetupFault where a SQLite file is not there yet: to open it would make it."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise SetupFault("no database", which=str(url.database), mend="`seventytwo up` makes one")


def _note(missing: SeventytwoError) -> None:
    for line in told(missing):
        typer.echo(f"nothing is known of it here: {line}", err=True)


def _say_cards(
    read: Understood, sender: KnownSource, results: Sequence[Mapping[str, Any]], *, is_done: bool
) -> None:
    for number, (claim, result) in enumerate(zip(read.claims, results, strict=True), 1):
        if number > 1:
            say()
        for line in alert_lines(number, claim, read.kind, sender.zone, result.get("clients", ())):
            say(line)
        for line in fate_lines(result, is_done=is_done):
            say(line)


def _bytes(file: Path) -> bytes:
    """The body, from the file or from a pipe; raises Mend where it cannot be read or is too long."""
    try:
        if str(file) == "-":
            body = sys.stdin.buffer.read(BODY_LIMIT + 1)
        else:
            with file.open("rb") as stream:
                body = stream.read(BODY_LIMIT + 1)
    except OSError as error:
        raise Mend("it cannot be read", which=str(file), mend=error.strerror or "check its name") from error
    if len(body) > BODY_LIMIT:
        raise Mend(
            "it is larger than the desk takes", which=str(file), mend=f"send at most {BODY_LIMIT} bytes"
        )
    return body
