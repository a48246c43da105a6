"""Playbooks for others and from others: `seventytwo playbook export|import`, in CACAO 2.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.new_files import put_new
from flows.cli.shown import say
from flows.settings import Settings
from notify.text import terminal
from playbooks.cacao.exporting import exported, written
from playbooks.cacao.foreign_text import slug_of
from playbooks.cacao.importing import Imported, imported
from playbooks.cacao.reading import LARGEST
from playbooks.errors import Mend, SetupFault
from playbooks.library import Library, load_playbooks
from playbooks.wording import marking

_HERE = "-"
_WIDEST = 400


def register(app: typer.Typer) -> None:
    """Put `export` and `import` among the commands on playbooks."""
    app.command("export")(export)
    app.command("import")(import_)


def export(
    name: Annotated[
        str, typer.Argument(metavar="ID[@VERSION]", help="The playbook; without a version the newest.")
    ],
    *,
    cacao: Annotated[bool, typer.Option("--cacao", help="As CACAO 2.0, the one format there is.")] = True,  # noqa: ARG001
    to: Annotated[Path | None, typer.Option(help="The file to write, which must not exist yet.")] = None,
) -> None:
    """Write a playbook as a CACAO 2.0 document, on the screen or into a file."""
    playbook = load_playbooks(Settings.from_env().playbook_folders).named(name)
    if playbook.restricted or playbook.tlp in ("amber+strict", "red"):
        warning = f"marked {marking(playbook.tlp)}: hand it to those only whom the marking allows"
        typer.echo(warning, err=True)
    text = written(exported(playbook))
    if to is None:
        say(text.rstrip("\n"))
    else:
        put_new(to, text)
        say(f"written: {terminal(to)}")


def import_(
    file: Annotated[Path, typer.Argument(help="A CACAO 2.0 playbook.")],
    *,
    id_: Annotated[
        str, typer.Option("--id", metavar="SLUG", help="The id it gets; else one made of its name.")
    ] = "",
    to: Annotated[Path | None, typer.Option(help="The folder to write the playbook into.")] = None,
    report: Annotated[str, typer.Option(help="The file for the gap report, - for the screen.")] = _HERE,
    as_json: Annotated[bool, typer.Option("--json", help="The gap report as JSON.")] = False,
) -> None:
    """Turn a CACAO 2.0 playbook into one of ours, and say what was kept, changed and refused.

    Without --to nothing is written but the report: look first.
    """
    if id_ and slug_of(id_, 60) != id_:
        raise Mend("no id of a playbook", which=id_, mend="write lower-case words with -, such as their-plan")
    library = load_playbooks(Settings.from_env().playbook_folders)
    found = imported(_bytes(file), slug=id_, known=library)
    told = _told(found, as_json)
    fault = _fault(found, library, is_named=bool(id_), is_written=to is not None)
    if report == _HERE:
        say(told)
    elif found.playbook is None or fault is None:
        put_new(Path(report), told + "\n")
    if fault is not None:
        raise fault
    if to is None or found.playbook is None:
        return
    where = to / f"{found.playbook.id}.yaml"
    put_new(where, found.text)
    typer.echo(f"written: {terminal(where)}", err=as_json)


def _fault(found: Imported, library: Library, *, is_named: bool, is_written: bool) -> Mend | None:
    """Why nothing can be written; None where it can, or need not."""
    if found.playbook is None:
        wrong = found.report.wrong
        return Mend(f"not imported: {wrong[0]}", mend=f"the report lists every fault, {len(wrong)} in all")
    name = found.playbook.id
    if is_written and not is_named and library.get(name, found.playbook) != found.playbook:
        return Mend("there is another playbook of that id", which=name, mend="choose one with --id")
    return None


def _told(found: Imported, as_json: bool) -> str:
    if as_json:
        playbook = found.playbook.ref if found.playbook is not None else None
        return json.dumps({"playbook": playbook, **found.report.as_json()}, indent=2)
    return "\n".join(terminal(one, _WIDEST) for one in found.report.lines())


def _bytes(path: Path) -> bytes:
    """One byte more than allowed at most: a device or a giant is refused, not read."""
    try:
        if not path.is_file():
            raise SetupFault("not a plain file", which=str(path), mend="name a CACAO playbook")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise SetupFault("cannot be read", which=str(path), mend=f"{error.strerror}") from error
