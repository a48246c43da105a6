"""Who plays: the scripted responders of an exercise, and the codes that they give."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyotp
from sqlmodel import col, func, select

from flows.clock import wall_now
from flows.house import House
from store.tables import CodeUse, Responder


@dataclass
class Cast:
    """The scripted responders, each with their secret, their roles and the last code they used."""

    secrets: Mapping[str, tuple[str, tuple[str, ...]]]
    used: dict[str, int] = field(default_factory=dict)

    def holder(self, role: str, excluded: Collection[str]) -> str | None:
        """Somebody who holds the role and is not excluded, if there is anybody."""
        able = (h for h, (_, roles) in self.secrets.items() if role in roles and h not in excluded)
        return next(able, None)

    def people(self) -> Mapping[str, str]:
        """Who plays each role, the first where several do."""
        return {role: h for h, (_, roles) in reversed(list(self.secrets.items())) for role in roles}

    def code(self, handle: str) -> str:
        """The code of this second, waiting for the next one where it is used already."""
        while (counter := int(wall_now().timestamp())) <= self.used.get(handle, 0):
            time.sleep(0.05)
        return self._code(handle, counter)

    def code_ahead(self, handle: str) -> tuple[str, datetime]:
        """A code not used yet and the instant it is of, maybe a little ahead: nothing is waited for."""
        now = wall_now()
        counter = max(int(now.timestamp()), self.used.get(handle, 0) + 1)
        return self._code(handle, counter), max(now, datetime.fromtimestamp(counter, UTC))

    def _code(self, handle: str, counter: int) -> str:
        self.used[handle] = counter
        return pyotp.HOTP(self.secrets[handle][0]).at(counter)


def read_cast(house: House, handles: Collection[str]) -> Cast:
    """The responders among these handles who may still answer; no code of theirs comes twice."""
    with house.store.reading() as session:
        rows = session.exec(
            select(Responder).where(col(Responder.handle).in_(handles), col(Responder.disabled_at).is_(None))
        ).all()
        used = session.exec(
            select(Responder.handle, func.max(CodeUse.counter))
            .join(CodeUse, col(CodeUse.responder_id) == col(Responder.id))
            .where(col(Responder.handle).in_(handles))
            .group_by(col(Responder.handle))
        )
        return Cast({row.handle: (row.secret, tuple(row.roles)) for row in rows}, dict(used.all()))
