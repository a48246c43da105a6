"""An exercise begun, or gone on with: `seventytwo exercise run`."""

from __future__ import annotations

import os
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from flows.cli.asked import As, Code, changing, opened, voucher
from flows.cli.leaving import leave_on_signals
from flows.cli.shown import say
from flows.clock import wall_now
from notify.text import terminal
from playbooks.errors import Mend

if TYPE_CHECKING:
    from flows.exercise.beginning import Wish
    from flows.house import House

_ALL: Final = "all"
_NOW: Final = "now"
_GOOD: Final = "good"
_SCENARIO: Final = "SCENARIO"
_PACES: Final = frozenset({"--step", "--speed", "--real-time"})
_BEFORE_PEOPLE: Final = frozenset({"--real-time", "--scripted", "--client"})
"""What says nothing where scripts alone play, on clients of the scenario's own."""


def run(
    scenario: Annotated[str, typer.Argument(metavar=_SCENARIO, help="A scenario's id, or its file.")] = "",
    *,
    step: Annotated[
        bool, typer.Option("--step", help="Step from one event to the next; the default.")
    ] = False,
    speed: Annotated[
        float | None, typer.Option("--speed", metavar="TIMES", help="So many times as fast as real time.")
    ] = None,
    real_time: Annotated[bool, typer.Option("--real-time", help="As fast as real time.")] = False,
    scripted: Annotated[str, typer.Option(help="Roles that nobody plays, by comma; or all.")] = "",
    team: Annotated[
        str, typer.Option(help="How scripted roles play: good, slow or forgets-the-client.")
    ] = _GOOD,
    client: Annotated[
        list[str] | None,
        typer.Option(metavar="THEIRS=OURS", help="Which client on record plays one of the scenario's."),
    ] = None,
    at: Annotated[str, typer.Option(help="When it begins there: an instant, or now.")] = "",
    alone: Annotated[
        bool, typer.Option("--alone", help="By scripted teams, on an installation of its own.")
    ] = False,
    continued: Annotated[
        str, typer.Option("--continue", metavar="EXERCISE", help="Go on with one whose conductor is gone.")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the report; with --alone.")] = None,
    as_: As = "",
    code: Code = "",
) -> None:
    """Begin an exercise through the real engine, and play its scripted roles until it is over."""
    given = {
        _SCENARIO: bool(scenario),
        "--continue": bool(continued),
        "--step": step,
        "--speed": speed is not None,
        "--real-time": real_time,
        "--scripted": bool(scripted) and not (alone and scripted == _ALL),
        "--team": team != _GOOD,
        "--client": bool(client),
        "--at": bool(at),
        "--alone": alone,
        "--out": out is not None,
    }
    _refuse_contradictions({name for name, is_given in given.items() if is_given})
    if alone:
        _run_alone(scenario, _wish("exercise", speed, _ALL, team, (), at, real_time=real_time), out)
        return
    with opened() as house:
        if continued:
            name = _continue(house, continued, as_, code)
        else:
            who = voucher(as_, code)
            wish = _wish(who.handle, speed, scripted, team, tuple(client or ()), at, real_time=real_time)
            name = _begin(house, scenario, wish, who.handle, who.code)
        _conduct(house, name)


def _refuse_contradictions(given: AbstractSet[str]) -> None:
    """Raise Mend for options that say nothing beside one another: none is passed over in silence."""
    if (_SCENARIO in given) == ("--continue" in given):
        mend = "exercise run SCENARIO, or exercise run --continue EX-2026-0001"
        raise Mend("name a scenario, or an exercise to go on with", mend=mend)
    if "--continue" in given and (more := given - {"--continue"}):
        raise Mend("an exercise goes on as it was begun", which=_listed(more), mend="leave these out")
    if len(given & _PACES) > 1:
        raise Mend("one pace at a time", mend="--step, --speed N or --real-time")
    if "--alone" in given and (more := given & _BEFORE_PEOPLE):
        raise Mend(
            "with --alone scripts play every role at once", which=_listed(more), mend="leave these out"
        )
    if "--out" in given and "--alone" not in given:
        mend = "when it is over: seventytwo exercise report EX-2026-0001 --out FOLDER"
        raise Mend("--out is for --alone", mend=mend)


def _listed(options: AbstractSet[str]) -> str:
    return ", ".join(sorted(options))


def _wish(
    by: str,
    speed: float | None,
    scripted: str,
    team: str,
    clients: tuple[str, ...],
    at: str,
    *,
    real_time: bool,
) -> Wish:
    from flows.exercise.beginning import Wish  # noqa: PLC0415 - the engine loads only to conduct
    from playbooks.escalation import LADDER  # noqa: PLC0415 - see above

    roles = tuple(LADDER) if scripted == _ALL else tuple(filter(None, map(str.strip, scripted.split(","))))
    pairs = [one.partition("=") for one in clients]
    if faulty := [theirs for theirs, equals, ours in pairs if not (equals and ours)]:
        raise Mend("a client is told as THEIRS=OURS", which=", ".join(faulty)[:80])
    return Wish(
        facilitator=by,
        pace="real" if real_time else "step" if speed is None else "speed",
        speed=1.0 if speed is None else speed,
        scripted=roles,
        team=team,
        clients={theirs: ours for theirs, _, ours in pairs},
        at=_instant(at),
    )


def _instant(said: str) -> datetime | None:
    from playbooks.instants import read_instant  # noqa: PLC0415 - see above

    if said == _NOW:
        return wall_now()
    return read_instant(said)[0] if said else None


def _begin(house: House, named: str, wish: Wish, handle: str, code: str) -> str:
    """Begin it in the transaction that spends the code: both count, or neither."""
    from flows.exercise.beginning import lay_out  # noqa: PLC0415 - see above
    from flows.exercise.conducting import refuse_participant  # noqa: PLC0415 - see above
    from flows.exercise.conductor import require_engine  # noqa: PLC0415 - see above
    from flows.exercise.scenario_checks import ready_scenario  # noqa: PLC0415 - see above
    from flows.starting import start_unstarted  # noqa: PLC0415 - see above

    scenario = ready_scenario(named, house.playbooks)
    if wish.scripted:
        require_engine(house)
    with changing(house, (voucher(handle, code),)) as change:
        refuse_participant(change.session, change.author)
        name = lay_out(change.session, house, scenario, wish, change.at).name
    start_unstarted(house)
    say(f"{name} has begun: {terminal(scenario.title)}. Its board: {house.settings.desk_url}/x/{name}")
    return name


def _continue(house: House, named: str, as_: str, code: str) -> str:
    from flows.exercise.conducting import alive  # noqa: PLC0415 - see above
    from flows.exercise.conductor import alone  # noqa: PLC0415 - see above

    with changing(house, (voucher(as_, code),)) as change:
        name = alive(change.session, named, change.author).name
        with alone(house, name):  # known before the code is spent
            return name


def _conduct(house: House, name: str) -> None:
    """Play what is scripted; where nothing is, the watch does the rest."""
    from flows.exercise.conductor import conduct  # noqa: PLC0415 - see above
    from flows.exercise.recording import find_exercise  # noqa: PLC0415 - see above

    with house.store.reading() as session:
        exercise = find_exercise(session, name)
    if not exercise.scripted:
        say("Nobody is scripted: the watch brings the injects, people answer in Prefect and Slack.")
        return
    again = f"seventytwo exercise run --continue {name}"
    say(f"Ctrl-C ends the scripted roles only; go on with: {again}")
    try:
        conduct(house, name, _hear)
    except KeyboardInterrupt:
        say(f"The scripted roles have stopped, {name} has not ended; go on with: {again}")
        raise typer.Exit(130) from None
    say(f"{name} is over: seventytwo exercise report {name}")


def _run_alone(named: str, wish: Wish, out: Path | None) -> None:
    from flows.cli.exercise_reports import show_score  # noqa: PLC0415 - see above
    from flows.exercise.scenario_checks import ready_scenario  # noqa: PLC0415 - see above
    from flows.exercise.staged import run_staged  # noqa: PLC0415 - see above
    from flows.review.writing import made_folder  # noqa: PLC0415 - see above
    from flows.settings import Settings  # noqa: PLC0415 - see above
    from playbooks.library import load_playbooks  # noqa: PLC0415 - see above

    leave_on_signals()
    library = load_playbooks(Settings.from_env().playbook_folders)
    if out is not None:
        made_folder(out)
    name, score, report = run_staged(ready_scenario(named, library), wish, os.environ, _hear, out)
    show_score(name, score)
    for path in report:
        say(str(path))


def _hear(moved: str) -> None:
    if moved:
        say(terminal(moved))
