"""What was measured, beside its target: for the terminal and for docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

INTRODUCTION = """`make bench` writes this page. Figures are medians over the rounds named below, and a ratio
compares rounds of the same run. No test asserts any of them."""


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


def document(sections: Sequence[Section], machine: str) -> str:
    """The page of docs/benchmarks.md."""
    rows = [
        f"| {figure.what} | {figure.value} | {figure.target} | {figure.verdict} |"
        for section in sections
        for figure in section.figures
    ]
    parts = [
        "# What was measured",
        INTRODUCTION,
        "\n".join(["| measured | value | target | met |", "| --- | ---: | --- | --- |", *rows]),
        f"## The machine\n\n{machine}",
        *(f"## {one.title}\n\n{one.how}\n\n{one.details}".rstrip() for one in sections),
    ]
    return "\n\n".join(parts) + "\n"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))
