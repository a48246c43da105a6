"""What was measured, beside its target: for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

INTRODUCTION = """`make bench` writes this page. Figures are medians over the rounds named below, and a ratio
compares rounds of the same run. No test asserts any of them."""
HEAD = ("| measured | value | target | met |", "| --- | ---: | --- | --- |")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `met` is None where there is no target."""

    what: str
    value: str
    target: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the target is met, in a word."""
        return {True: "yes", False: "no", None: ""}[self.met]


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: its figures, how they were taken, and the rounds behind them as Markdown."""

    title: str
    how: str
    figures: Sequence[Figure]
    details: str = ""


def show(console: Console, sections: Sequence[Section], about: str) -> None:
    """Print every figure in one table."""
    table = Table("measured", "value", "target", "met", title="Seventytwo, make bench", caption=about)
    for section in sections:
        for figure in section.figures:
            table.add_row(figure.what, figure.value, figure.target, figure.verdict)
        table.add_section()
    console.print(table)


def document(sections: Sequence[Section], machine: str, before: str = "") -> str:
    """The page of docs/benchmarks.md; what this run did not measure is kept from the page as it was."""
    rows = [
        f"| {figure.what} | {figure.value} | {figure.target} | {figure.verdict} |"
        for section in sections
        for figure in section.figures
    ]
    kept_rows, kept_parts = _kept(before, sections)
    named = ", ".join(part.partition("\n")[0].removeprefix("## ") for part in kept_parts)
    earlier = f"\n- from an earlier run on such a machine: {named}" if kept_parts else ""
    parts = [
        "# What was measured",
        INTRODUCTION,
        "\n".join([*HEAD, *kept_rows, *rows]),
        f"## The machine\n\n{machine}{earlier}",
        *kept_parts,
        *(f"## {one.title}\n\n{one.how}\n\n{one.details}".rstrip() for one in sections),
    ]
    return "\n\n".join(parts) + "\n"


def _kept(before: str, sections: Sequence[Section]) -> tuple[list[str], list[str]]:
    """The rows and parts of an earlier page that these sections do not replace."""
    top, *parts = re.split(r"\n+(?=## )", before.strip())
    replaced = {f"| {figure.what} |" for section in sections for figure in section.figures}
    rows = [line for line in top.splitlines() if line.startswith("| ") and line not in HEAD]
    titles = {"The machine", *(section.title for section in sections)}
    return (
        [row for row in rows if not row.startswith(tuple(replaced))],
        [part for part in parts if part.partition("\n")[0].removeprefix("## ") not in titles],
    )


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
