"""The demo from end to end: the embedded system, a signed alert, the responders, the report."""

from __future__ import annotations

import logging
import os
import signal
import threading
from pathlib import Path

from rich.console import Console

from flows.clock import wall_now
from flows.demo.finding import exfiltration_finding, post_finding
from flows.demo.live import View, ended_line
from flows.demo.seeding import CAST, SCRIPT, SOURCE, set_stage
from flows.exercise.casting import read_cast
from flows.exercise.own_installation import own_installation
from flows.exercise.playing import Player
from flows.exercise.scripted import read_script
from flows.exercise.through_prefect import ThroughPrefect
from flows.house import House
from flows.installation import Installation
from flows.review.writing import write_report
from playbooks.errors import ChainBroken
from store import timeline
from store.timeline import Verified

OUT = Path("out/demo")


def run_demo(*, keep: bool) -> None:
    """Walk an exercise to its report on a fresh data folder and free ports; nothing leaves the machine.

    With `keep` the system stays up for a look until Ctrl-C. Raises an error of ours where the walk fails.
    """
    console = Console()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with own_installation(_own_env(), "demo", lambda line: _say(console, line)) as installation:
        last_line = _walk(installation, console)
        if keep:
            _keep(installation, console)
    _say(console, last_line)


def _own_env() -> dict[str, str]:
    """The shell's environment without what names a real store, key, channel or token."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SEVENTYTWO_")}


def _walk(installation: Installation, console: Console) -> str:
    house = installation.house()
    stage = set_stage(house, wall_now())
    now = wall_now()
    _say(console, f"posting a signed GuardDuty finding to {installation.desk_url}/alerts/{SOURCE}")
    ref = post_finding(installation.desk_url, SOURCE, stage.source_secret, exfiltration_finding(now), now)
    cast = read_cast(house, [newcomer.handle for newcomer in CAST])
    engine = ThroughPrefect(house, stage.exercise_id, cast, waits_until_said=True)
    player = Player(house, stage.exercise_id, read_script(SCRIPT, now), cast, engine)
    with View(house, console, ref) as view:
        player.play(view.tick)
        view.tick("")
    return _conclude(house, console, ref)


def _conclude(house: House, console: Console, ref: str) -> str:
    """Verify the chains, write the report, and say in one line how it ended."""
    with house.store.reading() as session:
        chains = [timeline.verify(session, chain) for chain in (ref, timeline.HOUSE)]
    for chain in chains:
        if not isinstance(chain, Verified):
            raise ChainBroken(
                "the timeline does not verify", which=f"{chain.chain} {chain.seq}", mend=chain.why
            )
    for path in write_report(house, ref, OUT):
        _say(console, f"report: {path}")
    state, met, duties = ended_line(house, ref)
    return f"demo: {ref} {state} · {met}/{duties} obligations met · timeline verified"


def _keep(installation: Installation, console: Console) -> None:
    """Leave everything up until Ctrl-C."""
    for name, value in {
        "Prefect UI": installation.prefect_url,
        "auth string": installation.auth,
        "desk": installation.desk_url,
    }.items():
        _say(console, f"{name:>12}  {value}")
    _say(console, "kept up for a look; Ctrl-C ends it and removes the data folder")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
