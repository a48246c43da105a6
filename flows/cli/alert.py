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
from typer.core import TyperGroup

from flows.cli import alert_quarantine, alert_rules, alert_windows
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
from flows.intake.rehearsing import house_of_nothing, rehearse
from flows.intake.senders import known_sender
from flows.intake.stating import foretold, stated
from flows.settings import Settings
from notify.text import terminal
from playbooks.errors import Mend, SetupFault, SeventytwoError

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
    subcommand_metavar="FILE|- | COMMAND [ARGS]...",
)
app.add_typer(alert_quarantine.app, name="quarantine")
app.add_typer(alert_windows.quiet, name="quiet")
app.add_typer(alert_windows.test, name="test")
app.add_typer(alert_rules.app, name="rules")


@app.callback()
def alert() -> None:
    """Show what an alert would become, and post it; quarantine, quiet windows, announced tests, rules.

    `alert FILE|-` takes --source NAME|KIND|auto, --json and --dry-run.
    Without --dry-run it posts. A file named like a command is given as ./it.
    """


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
        _rehearse(body, source, as_json=json_)
    else:
        _post(body, source, as_json=json_)


def _rehearse(body: bytes, named: str, *, as_json: bool) -> None:
    """Show what the body would become, in the light of whatever is known here."""
    with _house_if_any() as (house, is_ours):
        wall = wall_now()
        found = rehearse(house, named, body, wall)
    if found.missing is not None and is_ours:
        _note("", found.missing)
    if as_json:
        whole = foretold(found.read.claims, found.sender.name, found.read.kind, found.would, wall)
        say(json.dumps(whole, indent=2))
        return
    _say_cards(found.read, found.sender, found.would, is_done=False)


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
        alerts = [stated(one, sender.name, read.kind, wall) for one in read.claims]
        say(json.dumps({"alerts": alerts, "results": answered.results}, indent=2))
        return
    _say_cards(read, sender, answered.results, is_done=True)
    say(f"\nposted to {terminal(house.settings.desk_url)} as {sender.name}")


@contextmanager
def _house_if_any() -> Iterator[tuple[House, bool]]:
    """The house, and that it is ours; where none can be opened, which is said, one that knows nothing."""
    settings = Settings.from_env()
    with ExitStack() as stack:
        try:
            with database_faults():
                _must_have_database(settings.database_url)
            house, is_ours = stack.enter_context(opened()), True
        except SetupFault as missing:
            _note("nothing is known here: ", missing)
            house, is_ours = stack.enter_context(house_of_nothing(settings)), False
        yield house, is_ours


def _must_have_database(address: str) -> None:
    """Raise SetupFault where a SQLite file is not there yet: to open it would make it."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise SetupFault("no database", which=str(url.database), mend="`seventytwo up` makes one")


def _note(head: str, missing: SeventytwoError) -> None:
    for line in told(missing):
        typer.echo(f"{head}{line}", err=True)


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
