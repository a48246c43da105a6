"""What the facilitator does: pause, resume, shift, inject, end, and the board; `run` is beside this."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any, get_args

import typer

from flows.cli import exercise_run
from flows.cli.asked import As, Change, Code, changing, opened, voucher
from flows.cli.shown import say, when
from flows.clock import wall_now
from flows.house import House
from notify.text import terminal
from playbooks.errors import Mend
from playbooks.exercises.scenario import InjectKind
from playbooks.wording import read_period
from store.tables import Exercise

Name = Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name, such as EX-2026-0001.")]
_OWN = ("kind", "title", "text", "to", "client", "role", "lasts", "handled_within", "facts")


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command("run")(exercise_run.run)
    for name, command in (("pause", pause), ("resume", resume), ("shift", shift), ("inject", inject)):
        app.command(name)(command)
    app.command("end")(end)
    app.command("board")(board)


def pause(name: Name, *, as_: As = "", code: Code = "") -> None:
    """Let an exercise's clock stand; what people answer meanwhile counts at that instant."""
    from flows.exercise import ending  # noqa: PLC0415 - the engine loads only to conduct

    with _conducting(name, as_, code) as (_, change, exercise):
        ending.pause(change.session, exercise, change.author, change.at)
    say(f"{exercise.name} is paused: resume it with `seventytwo exercise resume {exercise.name}`")


def resume(name: Name, *, as_: As = "", code: Code = "") -> None:
    """Let a paused or stopped exercise go on."""
    from flows.exercise import ending  # noqa: PLC0415 - see above

    with _conducting(name, as_, code) as (_, change, exercise):
        ending.resume(change.session, exercise, change.author, change.at)
    say(f"{exercise.name} goes on")


def shift(
    name: Name,
    span: Annotated[str, typer.Argument(metavar="SPAN", help="How far: 30m, 4h or 2d; ahead only.")],
    *,
    injects: Annotated[
        bool, typer.Option("--injects", help="Let the injects that wait come later instead.")
    ] = False,
    as_: As = "",
    code: Code = "",
) -> None:
    """Move the clock ahead, and let happen what lies between; or move the injects that wait."""
    from flows.exercise import shifting  # noqa: PLC0415 - see above
    from flows.exercise.beside import shift_beside  # noqa: PLC0415 - see above

    far = _span(span)
    with opened() as house:
        with _conducting(name, as_, code, house) as (_, change, exercise):
            given = (change.session, exercise, far, change.author, change.at)
            moved = shifting.shift_injects(*given) if injects else shifting.plan_shift(*given)
        if isinstance(moved, int):
            say(f"{exercise.name}: {moved} injects come {terminal(span)} later")
            return
        shift_beside(house, exercise.name, moved, lambda said: say(terminal(said)))
        say(f"{exercise.name}: it is {when(_now(house, exercise))} there")


def inject(
    name: Name,
    key: Annotated[str, typer.Argument(metavar="KEY", help="An inject that waits; none to write one.")] = "",
    *,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(get_args(InjectKind))}.")] = "",
    title: Annotated[str, typer.Option(help="What is told of it, on one line.")] = "",
    text: Annotated[str, typer.Option(help="What it says.")] = "",
    to: Annotated[str, typer.Option(help="The role that it asks.")] = "",
    client: Annotated[str, typer.Option(help="The scenario's client whom it is about.")] = "",
    role: Annotated[str, typer.Option(help="Whose people are away.")] = "",
    lasts: Annotated[str, typer.Option(help="How long: 4h.")] = "",
    within: Annotated[str, typer.Option(help="How soon it is to be handled: 1h.")] = "",
    fact: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, may be repeated.")] = None,
    as_: As = "",
    code: Code = "",
) -> None:
    """Bring an inject now: one of the scenario's by its key, or one of your own."""
    from flows.exercise.conducting import add_inject  # noqa: PLC0415 - see above
    from flows.exercise.injecting import arrive, call  # noqa: PLC0415 - see above

    if bool(key) == bool(kind):
        raise Mend("name an inject that waits, or write one with --kind", mend="see the exercise's board")
    values: tuple[Any, ...] = (kind, title, text, to, client, role, lasts, within, _facts(fact or []))
    said = {name: value for name, value in zip(_OWN, values, strict=True) if value}
    with opened() as house:
        with _conducting(name, as_, code, house) as (_, change, exercise):
            if kind:
                key = add_inject(change.session, exercise, said, change.author, change.at)
            call(change.session, exercise, key, change.author, change.at)
        arrive(house, exercise.id or 0, key)
    say(f"{exercise.name}: {terminal(key)} has come")


def end(
    name: Name,
    *,
    why: Annotated[str, typer.Option(help="Why it ends; it is stored sealed.")] = "its facilitator ended it",
    as_: As = "",
    code: Code = "",
) -> None:
    """End an exercise: its incidents are closed, its clock stands, its scripted responders are disabled."""
    from flows.exercise import ending  # noqa: PLC0415 - see above

    with opened() as house:
        with _conducting(name, as_, code, house) as (_, change, exercise):
            ending.end(change.session, exercise, change.author, why, change.at)
        ending.sweep(house)
    say(f"{exercise.name} has ended: seventytwo exercise report {exercise.name}")


def board(
    name: Annotated[str, typer.Argument(metavar="EXERCISE", help="Its name; none lists them.")] = "",
) -> None:
    """Show who waits for what, the clocks, the injects with their notes, and what the sinks took."""
    from flows.cli.exercise_board import list_exercises, show_board  # noqa: PLC0415 - see above

    with opened() as house:
        show_board(house, name, wall_now()) if name else list_exercises(house)


@contextmanager
def _conducting(
    name: str, as_: str, code: str, house: House | None = None
) -> Iterator[tuple[House, Change, Exercise]]:
    """The exercise, locked, in a transaction that spends the code of whoever may conduct it."""
    from flows.exercise.conducting import alive  # noqa: PLC0415 - see above

    if house is None:
        with opened() as own, _conducting(name, as_, code, own) as found:
            yield found
        return
    with changing(house, (voucher(as_, code),)) as change:
        yield house, change, alive(change.session, name, change.author)


def _span(said: str) -> timedelta:
    try:
        return read_period(said)
    except ValueError as fault:
        raise Mend("not a span", which=said[:20], mend=str(fault)) from None


def _facts(said: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in said]
    if faulty := [name for name, equals, _ in pairs if not equals]:
        raise Mend("a fact is told as NAME=VALUE", which=", ".join(faulty)[:80])
    return {name: value for name, _, value in pairs}


def _now(house: House, exercise: Exercise) -> Any:
    from flows.exercise.stepping import exercise_now  # noqa: PLC0415 - see above

    return exercise_now(house, exercise.id or 0)
