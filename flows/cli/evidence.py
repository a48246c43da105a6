"""Evidence and its custody: `seventytwo evidence add|list|show|verify|transfer|export|…`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import As, Code, Second, SecondCode, new_purpose, opened, vouchers
from flows.cli.evidence_sheet import say_sheet
from flows.cli.shown import columns, say
from flows.clock import wall_now
from flows.evidence import disposing, examining, intake, manifest, moving
from flows.evidence.authority import Mandate
from flows.evidence.items import Said, find_items, items_of, name_of
from flows.house import House
from flows.incidents import find_incident
from flows.review.writing import put_file
from flows.vouching import check_vouchers
from playbooks.errors import SetupFault, TellHuman
from playbooks.instants import read_instant

app = typer.Typer(no_args_is_help=True, add_completion=False)

Ref = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its reference, such as INC-2026-0001.")]
Item = Annotated[str, typer.Argument(metavar="E1", help="The item's number in the incident.")]
Items = Annotated[list[str], typer.Argument(metavar="E1…", help="The items' numbers in the incident.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it is stored sealed.")]
Case = Annotated[str | None, typer.Option("--case", metavar="LETTER", help="Of this case only.")]


@app.callback()
def evidence() -> None:
    """Secure files and references, hand them on, verify and hold them."""


@app.command()
def add(
    ref: Ref,
    file: Annotated[Path | None, typer.Argument(help="The file; its bytes go sealed into the vault.")] = None,
    *,
    reference: Annotated[
        str, typer.Option(help="Instead of a file: where something is kept (address, path, shelf).")
    ] = "",
    title: Annotated[str, typer.Option(help="What it is, in one line; else the file's name. Sealed.")] = "",
    origin: Annotated[
        str, typer.Option(help="Host and path it was found at; else its path here. Sealed.")
    ] = "",
    tool: Annotated[str, typer.Option(help="What it was collected with; not sealed.")] = "",
    case: Annotated[str, typer.Option(metavar="LETTER", help="The case that it belongs to.")] = "",
    step: Annotated[str, typer.Option(metavar="STEP", help="The step that asked for it.")] = "",
    custodian: Annotated[str, typer.Option(metavar="HANDLE", help="Who keeps it; else who adds it.")] = "",
    collected_by: Annotated[str, typer.Option(metavar="HANDLE", help="Who took it; else who adds it.")] = "",
    collected_at: Annotated[
        str, typer.Option(metavar="INSTANT", help="When, with an offset; else now.")
    ] = "",
    as_: As = "",
    code: Code = "",
) -> None:
    """Secure a file, hashed and sealed while it is read, or record a reference to something elsewhere."""
    if (file is None) == (not reference):
        raise typer.BadParameter("give a file, or --reference with where it is kept")
    at = read_instant(collected_at)[0] if collected_at else None
    said = Said(title, reference or origin, tool, case, step, custodian, collected_by, at)
    with opened() as house:
        mandate = _mandate(house, (as_, code))
        if file is None:
            item = intake.add_reference(house, ref, said, mandate)
            say(f"{ref} {name_of(item)}  reference: nothing of it is kept here")
            return
        item = intake.add_file(house, ref, file, said, mandate)
    empty = "  the file is EMPTY" if item.size == 0 else ""
    say(f"{ref} {name_of(item)}  {item.size:,} bytes  SHA-256 {item.sha256}{empty}")


@app.command("list")
def list_(ref: Ref, *, case: Case = None) -> None:
    """List the items of evidence of an incident."""
    with opened() as house, house.store.reading() as session:
        items = items_of(session, find_incident(session, ref), case)
    columns(
        ("item", "case", "kind", "title", "bytes", "sha-256", "custodian", "collected", "state"),
        [
            (
                name_of(item), item.case_ref, item.kind, item.title, "" if item.size is None else item.size,
                item.sha256[:12], item.custodian, item.collected_at, _state(item.held, item.disposed_at),
            )
            for item in items
        ],
        none="no evidence yet",
    )  # fmt: skip


@app.command()
def show(ref: Ref, name: Item) -> None:
    """Show the chain-of-custody sheet of an item, every entry proved by the timeline; ends with 1 if not."""
    with opened() as house, house.store.reading() as session:
        incident = find_incident(session, ref)
        (item,) = find_items(session, incident, [name])
        sound = say_sheet(session, incident, item)
    if not sound:
        raise TellHuman("this custody does not verify", which=f"{ref} {name_of(item)}")


@app.command()
def verify(
    ref: Ref,
    names: Annotated[list[str] | None, typer.Argument(metavar="[E1…]", help="Else all that is kept.")] = None,
    *,
    as_: As = "",
    code: Code = "",
) -> None:
    """Read items again and compare their hashes; the outcome enters their custody, and ends with 1 if bad."""
    with opened() as house:
        examined = examining.verify(house, ref, names or [], _mandate(house, (as_, code)))
    for one in examined:
        say(f"{one.name}  {'MISMATCH' if one.faults else 'verified'}  SHA-256 {one.sha256 or 'unreadable'}")
        for fault in one.faults:
            say(f"    {fault}")
    if not examined:
        say("nothing is kept here")
    if bad := [one.name for one in examined if one.faults]:
        raise TellHuman("evidence does not verify", which=f"{ref} {', '.join(bad)}")


@app.command()
def transfer(
    ref: Ref,
    names: Items,
    *,
    to: Annotated[str, typer.Option(metavar="HANDLE", help="The new custodian.")],
    why: Why,
    as_: As = "",
    code: Code = "",
) -> None:
    """Hand items to another custodian."""
    with opened() as house:
        moving.transfer(house, ref, names, to, why, _mandate(house, (as_, code)))
    say(f"{ref} {' '.join(names)}: {to} has it in custody")


@app.command()
def export(
    ref: Ref,
    name: Item,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="A file that is not there yet.")],
    why: Why,
    as_: As = "",
    code: Code = "",
) -> None:
    """Copy an item out of the vault, for your eyes only; the access enters its custody first."""
    with opened() as house:
        digest = examining.export(house, ref, name, out, why, _mandate(house, (as_, code)))
    say(f"{out}  SHA-256 {digest}")


@app.command()
def hold(ref: Ref, names: Items, *, why: Why, as_: As = "", code: Code = "") -> None:
    """Put items under legal hold: nothing disposes of them."""
    with opened() as house:
        moving.hold(house, ref, names, why, _mandate(house, (as_, code)))
    say(f"{ref} {' '.join(names)}: under legal hold")


@app.command()
def release(
    ref: Ref,
    names: Items,
    *,
    why: Why,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """End the legal hold on items; it takes two people."""
    with opened() as house:
        moving.release(house, ref, names, why, _mandate(house, (as_, code), (second, second_code)))
    say(f"{ref} {' '.join(names)}: no longer under legal hold")


@app.command()
def dispose(
    ref: Ref,
    names: Items,
    *,
    why: Why,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """Dispose of items, by two people and never under hold: their bytes go, their custody stays."""
    with opened() as house:
        disposing.dispose(house, ref, names, why, _mandate(house, (as_, code), (second, second_code)))
        say(f"{ref} {' '.join(names)}: disposed of")
        disposing.tidy(house)


@app.command("manifest")
def manifest_(
    ref: Ref,
    *,
    case: Case = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, an item a row.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with every entry of custody.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there, for your eyes only; else show it.")
    ] = None,
) -> None:
    """Write the list of an incident's evidence with hashes and custody."""
    if as_csv == as_json:
        raise typer.BadParameter("say one of --csv and --json")
    with opened() as house, house.store.reading() as session:
        made = manifest.make(session, find_incident(session, ref), case)
    text = manifest.render_csv(made) if as_csv else manifest.render_json(made)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        say(f"{put_file(out, text)}  SHA-256 {hashlib.sha256(text.encode()).hexdigest()}")
    except OSError as error:
        mend = f"choose a file that can be written: {error.strerror}"
        raise SetupFault("the manifest cannot be written", which=str(out), mend=mend) from error


def _mandate(house: House, *people: tuple[str, str]) -> Mandate:
    """Those who ask, their codes checked; what is decided spends them."""
    asked = vouchers(len(people), people[0], people[-1])
    return Mandate(check_vouchers(house.store, asked, wall_now()), new_purpose())


def _state(held: bool, disposed_at: object) -> str:
    return "disposed" if disposed_at else "held" if held else "kept"
