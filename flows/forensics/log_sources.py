"""Access-log sources as data: where each log lies, what its columns mean, whose hours count.

A source is one YAML file in a folder of SEVENTYTWO_ACCESS_LOGS; docs/examples/access-logs has one of each
format. Every fault of every file is found at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from playbooks.documents import validated
from playbooks.errors import Fault, FileFaults
from playbooks.fact_types import Frozen
from playbooks.folders import documents_in
from playbooks.forensics.bulk import BulkRule
from playbooks.forensics.hours import Rosters
from playbooks.forensics.hours_file import Hours, Stretch, Zone
from playbooks.wording import Line, Period, Slug

_VARIABLE = r"^[A-Z][A-Z0-9_]{0,99}$"


Count = Annotated[int, Field(ge=1)]


class Roster(Hours):
    """The hours of some accounts, in place of everybody's."""

    accounts: Annotated[tuple[Line, ...], Field(min_length=1, max_length=10_000)]


class Bulk(Frozen):
    """What one account takes at most in one stretch."""

    records: Count | None = 500
    bytes: Count | None = None
    within: Stretch = timedelta(hours=1)


class Columns(Frozen):
    """Which column, or dotted key of a JSON line, holds what."""

    at: Line
    account: Line
    client: Line | None = None
    record: Line | None = None
    records: Line | None = None
    action: Line | None = None
    bytes: Line | None = None
    address: Line | None = None
    host: Line | None = None

    @property
    def named(self) -> Mapping[str, str]:
        """The columns that the log has, by what they hold."""
        return {name: told for name, told in self.model_dump().items() if told is not None}


class LogSource(Frozen):
    """One access log."""

    id: Slug
    system: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
    format: Literal["csv", "jsonl", "sql"]
    location: Line | None = None
    """Files of a csv or jsonl source: a path or a pattern, from the folder of the source's own file."""
    connection: Annotated[str, Field(pattern=_VARIABLE)] | None = None
    """The environment variable that holds the database's URL; the URL itself stands in no file."""
    table: Annotated[str, Field(pattern=r"^[A-Za-z_][\w$]{0,62}(\.[A-Za-z_][\w$]{0,62})?$")] | None = None
    columns: Columns
    header: Annotated[tuple[Line, ...], Field(max_length=500)] = ()
    """The names of the columns of a csv file that does not begin with them."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    time: Annotated[str, Field(max_length=60)] = "iso"
    """`iso`, `epoch`, `epoch_ms`, or a pattern such as %d/%b/%Y:%H:%M:%S %z."""
    zone: Zone = "UTC"
    client: Line | None = None
    """The client whose records these all are, where the log has no column for it."""
    clients: Annotated[dict[str, Line], Field(max_length=5_000)] = Field(default_factory=dict)
    """What the log calls a client: our reference."""
    retention: Period | None = None
    longest_silence: Period = timedelta(days=1)
    bulk: Bulk = Bulk()
    working_hours: Hours | None = None
    rosters: Annotated[tuple[Roster, ...], Field(max_length=1_000)] = ()
    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _of_its_format(self) -> Self:
        of_table = self.connection is not None and self.table is not None and self.location is None
        of_files = self.location is not None and self.connection is None and self.table is None
        if not (of_table if self.format == "sql" else of_files):
            raise ValueError(
                "sql needs `connection` and `table`; csv and jsonl need `location`, and neither more"
            )
        if self.time not in ("iso", "epoch", "epoch_ms") and "%" not in self.time:
            raise ValueError("`time` is iso, epoch, epoch_ms or a pattern with %")
        if self.client is not None and (self.columns.client is not None or self.clients):
            raise ValueError("either one `client` for all, or a column of clients")
        return self

    def lying_in(self, folder: Path) -> Self:
        """This source, read from a file of that folder."""
        found = self.model_copy()
        found._folder = folder  # noqa: SLF001 - our own
        return found

    @property
    def pattern(self) -> Path:
        """Where its files lie: a path that may hold wildcards."""
        return self._folder / (self.location or "")

    @property
    def bulk_rule(self) -> BulkRule:
        """What is usual at most."""
        return BulkRule(self.bulk.records, self.bulk.bytes, self.bulk.within)

    @property
    def as_rosters(self) -> Rosters:
        """Whose hours are known."""
        own = {account: roster.as_hours() for roster in self.rosters for account in roster.accounts}
        return Rosters(self.working_hours.as_hours() if self.working_hours else None, own)


def log_sources(folders: Sequence[Path]) -> tuple[dict[str, LogSource], tuple[Fault, ...]]:
    """Every sound source of the folders by id, and all faults; a later folder replaces one of the same id."""
    sources: dict[str, LogSource] = {}
    faults: list[Fault] = []
    for folder in folders:
        documents, unreadable = documents_in(folder)
        faults += unreadable
        here: dict[str, LogSource] = {}
        for document in documents:
            try:
                source = validated(LogSource, document).lying_in(folder)
            except FileFaults as error:
                faults += error.faults
                continue
            if source.id in here:
                faults.append(document.fault(("id",), f"a second source `{source.id}`", "choose another id"))
            here.setdefault(source.id, source)
        sources |= here
    return sources, tuple(faults)
