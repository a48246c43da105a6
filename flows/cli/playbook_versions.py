"""The versions of playbooks: `seventytwo playbook sign|verify|migrate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import As, Code, Second, SecondCode, new_purpose, opened, vouchers
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.replanning import difference, replan
from flows.settings import Settings
from flows.starting import start_unstarted
from flows.trusting import Trust
from flows.vouching import check_vouchers
from notify.text import terminal
from playbooks.errors import SetupFault
from playbooks.library import load_playbooks
from playbooks.models import Playbook
from playbooks.plan_diff import StepChange, marking_changes
from playbooks.signing import digest, sign

Name = Annotated[str, typer.Argument(help="A playbook's id, or id@version.")]


def register(app: typer.Typer) -> None:
    """Add these commands to those of `seventytwo playbook`."""
    app.command("sign")(sign_)
    app.command("verify")(verify)
    app.command("migrate")(migrate)


def sign_(
    name: Name,
    *,
    key: Annotated[Path, typer.Option(help="A private Ed25519 key, PEM, outside the installation.")],
    to: Annotated[Path, typer.Option(help="The folder of playbooks whose `signatures` takes it.")],
) -> None:
    """Sign a playbook as it stands; the signature is a file of its own."""
    settings = Settings.from_env()
    playbook = load_playbooks(_with(settings.playbook_folders, to)).named(name)
    signature = sign(playbook, _read(key))
    path = to / "signatures" / f"{playbook.ref}.sig"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text(signature.as_json(), "utf-8")
    except OSError as error:
        raise SetupFault("the signature cannot be written", which=str(path), mend=str(error)) from error
    say(f"{path}  SHA-256 of the playbook {signature.sha256}")


def _with(folders: tuple[Path, ...], folder: Path) -> tuple[Path, ...]:
    """The folders as the house reads them; one that is not among them comes last."""
    known = {path.resolve() for path in folders}
    return folders if folder.resolve() in known else (*folders, folder)


def verify() -> None:
    """Show who signed which playbook, and what speaks against it today.

    Ends with 1 where all versions of one are refused.
    """
    settings = Settings.from_env()
    library = load_playbooks(settings.playbook_folders)
    trust, today = Trust(settings, library), wall_now().date()
    found = [(one, trust.concerns(one, today)) for name in library for one in library.preferred(name, today)]
    columns(
        ("playbook", "signed by", "against it", "SHA-256"),
        [
            (one.ref, trust.signer(one) or "", "; ".join(c.words for c in doubts), digest(one)[:16])
            for one, doubts in found
        ],
        none="no playbook",
    )
    refused = {one.ref for one, doubts in found if any(doubt.refuses for doubt in doubts)}
    if any(refused.issuperset(one.ref for one in library.preferred(name, today)) for name in library):
        raise typer.Exit(1)


def migrate(
    incident: Annotated[str, typer.Argument(help="Its reference, such as INC-2026-0001.")],
    *,
    to: Annotated[str, typer.Option(help="A playbook's id or id@version; else the newest of its own.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Move it; else only the difference is shown.")] = False,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """Let a running incident follow another playbook or version; the difference is shown first.

    A commander and a second person vouch. What was done stays done.
    """
    with opened() as house:
        old, new, changes = difference(house, incident, to)
        _say_difference(incident, old, new, changes)
        if not yes or old == new:
            say("Nothing was changed." if old == new else "Nothing was changed: say --yes to move it.")
            return
        asked = vouchers(2, (as_, code), (second, second_code))
        by = check_vouchers(house.store, asked, wall_now())
        replan(house, incident, old, new, by, new_purpose())
        say(f"{incident} follows {new.ref}")
        if not start_unstarted(house, incident):
            say("Its runs start when the Prefect server can be reached.")


def _say_difference(incident: str, old: Playbook, new: Playbook, changes: tuple[StepChange, ...]) -> None:
    say(f"{terminal(incident)} follows {old.ref}; it would follow {new.ref}")
    for one in marking_changes(old, new):
        say(f"  {one.key}: {one.before or '-'} -> {one.after or '-'}")
    if old.restricted and not new.restricted:
        say("  WARNING: whoever may see incidents at all would see this one, its forms and its channel.")
    columns(
        ("step", "is", "what differs", "title"),
        [(change.step_id, change.kind, change.keys, change.title) for change in changes],
        none="no step differs",
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(100_000)
    except OSError as error:
        raise SetupFault("the key cannot be read", which=str(path), mend=str(error.strerror)) from error
