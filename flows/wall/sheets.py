"""Deadline sheets kept beside the store: written anew after each change, to go on when the tool is away."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import literal
from sqlmodel import Session, col, or_, select

from flows.clock import incident_now, wall_now
from flows.house import House
from flows.incidents import LIVE, find_incident
from flows.review.writing import put_file
from flows.wall.rows import team_zone, wall_of
from notify.sheet import Sheet, render_sheet
from playbooks.errors import SetupFault
from store.tables import Counter, Incident
from store.timeline import HEAD

log = logging.getLogger("seventytwo.sheets")

NAME = "sheets"
"""The sign of life of their keeping: without it, some sheet could not be written."""
_MARK = re.compile(r'<meta name="entry" content="\S+ (\d+)">')
_HEAD = 2_000


@dataclass(slots=True)
class SheetKeeper:
    """Keeps a sheet for each open incident, and a last one for each that closed.

    What it remembers only spares work: a sheet says itself which timeline entry it was made at.
    """

    home: House
    seen: dict[str, int] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    has_looked: bool = False

    @property
    def folder(self) -> Path:
        """Where the sheets lie."""
        return self.home.settings.data / "sheets"

    def keep(self) -> bool:
        """Write every sheet that is behind its incident's timeline; False where one could not be written.

        A fault of one sheet is told once in the log and keeps no other from being written.
        """
        with self.home.store.reading() as session:
            heads = self._heads(session)
        kept = [self._is_kept(ref, seq, state) for ref, (seq, state) in heads.items()]
        return all(kept)

    def _heads(self, session: Session) -> dict[str, tuple[int, str]]:
        """Last timeline entry and state of each incident that runs, or has a sheet that may be behind."""
        if not self.has_looked:
            self.seen = {path.stem: _entry_of(path) for path in self.folder.glob("INC-*.html")}
            self.has_looked = True
        rows = session.exec(
            select(Incident.ref, Incident.state, Counter.value)
            .join(Counter, col(Counter.name) == literal(HEAD) + col(Incident.ref))
            .where(or_(col(Incident.state).in_(LIVE), col(Incident.ref).in_(list(self.seen))))
        )
        return {ref: (seq, state) for ref, state, seq in rows}

    def _is_kept(self, ref: str, seq: int, state: str) -> bool:
        path = self.folder / f"{ref}.html"
        try:
            if self.seen.get(ref) != seq or not path.exists():
                self.seen[ref] = write_sheet(self.home, path, ref)
        except Exception as fault:  # whatever it is: the other sheets are wanted all the more
            if self.told.get(ref) != str(fault):
                log.exception("the deadline sheet of %s could not be written", ref)
            self.told[ref] = str(fault)
            return False
        self.told.pop(ref, None)
        if state not in LIVE:
            self.seen.pop(ref, None)
        return True


def write_sheet(home: House, path: Path, *refs: str, zone_name: str = "") -> int:
    """Write the sheet of these incidents for its owner's eyes; the timeline entry the last was at."""
    sheet = read_sheet(home, *refs, zone_name=zone_name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        put_file(path, render_sheet(sheet))
    except OSError as error:
        mend = f"choose a file that can be written: {error.strerror}"
        raise SetupFault("the sheet cannot be written", which=str(path), mend=mend) from error
    return sheet.walls[-1].entry if sheet.walls else 0


def read_sheet(home: House, *refs: str, zone_name: str = "") -> Sheet:
    """The sheet of these incidents as they stand now, for readers in a zone; else in the team's."""
    wall = wall_now()
    with home.store.reading() as session:
        found = [find_incident(session, ref) for ref in refs]
        walls = [wall_of(home, session, one, incident_now(session, one, wall)) for one in found]
        return Sheet(tuple(walls), zone_name or team_zone(home, session), wall)


def _entry_of(path: Path) -> int:
    """The timeline entry a sheet was made at; 0 where the file does not say."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            found = _MARK.search(file.read(_HEAD))
    except OSError:
        return 0
    return int(found[1]) if found else 0
