"""The console script `seventytwo`: what it can do, and where each command lives."""

from __future__ import annotations

import os

import typer

from flows.cli.later import Commands, LaterCommand, never_choke_on_a_letter

COMMANDS = {
    "up": "Start the four processes on this machine and keep them up.",
    "demo": "Walk an exercise from the first alert to the report, in a minute.",
    "exercise": "Rehearse: scenarios, live exercises and their after-action reports.",
    "simulate": "Say beforehand which deadline will be missed how often, why, and what would help.",
    "incident": "Open an incident, list them, show one, report on it.",
    "action": "List what the reviews agreed to mend, close what is done.",
    "notice": "List the notices, show one, say what changed in it.",
    "evidence": "Secure files and references, hand them on, verify and hold them.",
    "observable": "List and add the accounts, addresses, hosts and files that were seen.",
    "access": "Establish from access logs who touched which client's records when.",
    "hypothesis": "Weigh how it may have happened, and decide.",
    "timeline": "Prove that no entry was changed since it was written.",
    "responder": "Enrol, list and disable the people who answer.",
    "roster": "Import who is on duty when, show it, say who is away and what to hand over.",
    "clock": "Compute a deadline from a rule and an instant, before or beside any incident.",
    "clocks": "Show the wall of clocks, or write the deadline sheet.",
    "assess": "Say what the facts in a file make of severity, duties and clocks.",
    "register": "Write the register of every breach, told or not.",
    "law": "List, show, check and compare the rules of law.",
    "client": "Import and list the clients whose data we hold.",
    "datamap": "Import, show and check which system holds whose data.",
    "alert": (
        "Show what an alert would become, and post it; quarantine, quiet windows, announced tests, rules."
    ),
    "slack": "Check what Slack lets us do, freeze a channel that is not to be trusted, and thaw it.",
    "source": "Let the tools in that may post alerts, list and disable them.",
    "playbook": "Check, draw, score, sign and exchange playbooks; move an incident to another version.",
    "db": "Bring the database's schema up to date.",
    "deploy": "Bring the deployments to the Prefect server.",
    "health": "Say what works and what does not.",
}
"""Every command, in the order that help shows, each in the module of its name beside this one."""


class _All(Commands):
    def __init__(self, **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]
        for name, line in COMMANDS.items():
            self.add_command(LaterCommand(name, f"flows.cli.{name}", line))


app = typer.Typer(cls=_All, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def seventytwo() -> None:
    """Lead an incident from its first alert to its report, and miss no deadline unseen."""
    never_choke_on_a_letter()
    os.environ["DO_NOT_TRACK"] = "1"  # else Prefect, loaded in a terminal, reports its use to its makers
