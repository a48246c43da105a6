"""Rows of CSV from lines: quoted line breaks are joined, and a quote that never closes costs one line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TypeAlias

from playbooks.forensics.reading import Reading

MOST_JOINED = 100
"""Lines that one quoted value may run over."""
NEVER_CLOSED = "a quote that is never closed"

Numbered: TypeAlias = tuple[int, list[str]]


class CsvRows:
    """The rows of one file, batch by batch."""

    def __init__(self, name: str, delimiter: str, reading: Reading) -> None:
        self.width: int | None = None
        """How many columns there are, once that is known: a joined row with another number is none."""
        self._name, self._delimiter, self._reading = name, delimiter, reading
        self._open: list[tuple[int, str]] = []
        """Lines of a record whose quote is still open."""

    @property
    def is_open(self) -> bool:
        """Whether a quote is open that a later line may close."""
        return bool(self._open)

    def rows(self, first: int, lines: list[str]) -> Iterator[Numbered]:
        """The rows that end in these lines."""
        if not self._open and ('"' not in "".join(lines) or all(line.count('"') % 2 == 0 for line in lines)):
            yield from self._plain(first, lines)
            return
        waiting = list(enumerate(lines, first))[::-1]
        while waiting:
            self._open.append(waiting.pop())
            if len(self._open) == 1 and (row := self._alone(self._open[0][1])) is not None:
                yield self._open.pop()[0], row
            elif sum(line.count('"') for _, line in self._open) % 2 == 0:
                yield from self._joined()
            elif len(self._open) > MOST_JOINED:
                waiting += self._given_up()[::-1]

    def rest(self) -> Iterator[Numbered]:
        """What stands after a quote that is open at the file's end."""
        while self._open:
            lines = self._given_up()
            for number, line in lines:
                yield from self.rows(number, [line])

    def _plain(self, first: int, lines: list[str]) -> Iterator[Numbered]:
        """One row a line."""
        reader, before = csv.reader(lines, delimiter=self._delimiter), 0
        while True:
            try:
                for row in reader:
                    if reader.line_num - before == 1:
                        yield first + before, row
                    else:
                        self._faults(first + before, reader.line_num - before, NEVER_CLOSED)
                    before = reader.line_num
            except csv.Error as error:
                self._faults(first + before, reader.line_num - before, str(error))
                before = reader.line_num
            else:
                return

    def _alone(self, line: str) -> list[str] | None:
        """The row that a line makes by itself, such as one with 5" in it; None where its quote is open."""
        try:
            (row,) = csv.reader([line], delimiter=self._delimiter, strict=True)
        except (csv.Error, ValueError):
            return None
        return row if len(row) == self.width else None

    def _joined(self) -> Iterator[Numbered]:
        """The row that the open lines make together; where they make none, each by itself."""
        lines, self._open = self._open, []
        try:
            (row,) = csv.reader(["".join(line for _, line in lines)], delimiter=self._delimiter)
        except (csv.Error, ValueError) as error:
            row = []
            if len(lines) == 1 and isinstance(error, csv.Error):
                self._faults(lines[0][0], 1, str(error))
                return
        if len(lines) == 1 or len(row) == self.width:
            yield lines[0][0], row
            return
        for number, line in lines:
            yield from self._plain(number, [line])

    def _given_up(self) -> list[tuple[int, str]]:
        """Count the line that opened a quote as broken, and give back those after it."""
        (number, _), *others = self._open
        self._open = []
        self._faults(number, 1, NEVER_CLOSED)
        return others

    def _faults(self, first: int, count: int, why: str) -> None:
        for number in range(first, first + max(count, 1)):
            self._reading.rows += 1
            self._reading.fault(self._name, number, why)
