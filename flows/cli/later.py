"""Commands that are named at once and loaded when somebody calls them, and errors told in one line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from playbooks.errors import FileFaults, SeventytwoError


class LaterCommand(TyperCommand):
    """A command known by name and help only; its module, and what that imports, waits for its call."""

    def __init__(self, name: str, module: str, help: str) -> None:  # noqa: A002 - typer calls it so
        super().__init__(name=name, help=help, callback=None)
        self.module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Load the command and hand over to it."""
        if any(not word.isascii() and _is_not_text(word) for word in args):
            raise typer.BadParameter("a word of the command line is not UTF-8")
        app: typer.Typer = import_module(self.module).app
        return get_command(app).make_context(info_name, args, parent=parent, **extra)


def _is_not_text(word: str) -> bool:
    """Whether a byte of it could be read as a lone surrogate only, which no database takes."""
    return any("\ud800" <= char <= "\udfff" for char in word)


class Commands(TyperGroup):
    """The commands of Seventytwo; an error of ours ends one with a line and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except SeventytwoError as error:
            for line in told(error):
                typer.echo(line, err=True)
            raise typer.Exit(1) from error


def told(error: SeventytwoError) -> list[str]:
    """The error as lines that no terminal obeys: one, or one for each fault of a file."""
    from notify.text import clip, one_line  # noqa: PLC0415 - only a failing command pays for it

    texts = [str(fault) for fault in error.faults] if isinstance(error, FileFaults) else [str(error)]
    return [clip(one_line(text), 500) for text in texts]


def never_choke_on_a_letter() -> None:
    """Let a terminal that lacks a letter show a question mark instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
