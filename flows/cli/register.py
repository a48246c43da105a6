"""The register of breaches: `seventytwo register`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.asked import opened
from flows.cli.shown import say
from flows.register.entries import Asked, read_register
from flows.review.writing import put_file
from notify.register import render_csv, render_html, render_json
from playbooks.errors import Mend, SetupFault

app = typer.Typer(add_completion=False)

_FORMS = {"csv": render_csv, "html": render_html, "json": render_json}


@app.command()
def register(
    *,
    client: Annotated[list[str] | None, typer.Option(help="For this client only; may be repeated.")] = None,
    since: Annotated[
        str,
        typer.Option("--from", metavar="DATE", help="Breaches we became aware of on that day or later, UTC."),
    ] = "",
    until: Annotated[
        str,
        typer.Option("--to", metavar="DATE", help="Breaches we became aware of on that day or before, UTC."),
    ] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, a breach a row.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="As one HTML file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there, for your eyes only; else show it.")
    ] = None,
) -> None:
    """Write the register of every breach, told or not (GDPR art 33(5)); for one client it names no other."""
    chosen = [form for form, asked in (("csv", as_csv), ("html", as_html), ("json", as_json)) if asked]
    if len(chosen) != 1:
        raise typer.BadParameter("say one of --csv, --html and --json")
    asked = Asked(tuple(client or ()), _day(since), _day(until))
    with opened() as house:
        text = _FORMS[chosen[0]](read_register(house, asked))
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        say(str(put_file(out, text)))
    except OSError as error:
        mend = f"choose a file that can be written: {error.strerror}"
        raise SetupFault("the register cannot be written", which=str(out), mend=mend) from error


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Mend("not a date", which=text[:40], mend="write 2026-03-01") from error
