"""Responders of the tests: four for each role, with codes as real ones have them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import pyotp
from sqlmodel import Session

from flows.clock import wall_now
from flows.identity import CODE_PERIOD, new_secret
from flows.people import ROLES
from store.tables import Responder

EACH = 4


@dataclass(frozen=True, slots=True)
class Player:
    """One responder, with the secret that their telephone holds."""

    handle: str
    roles: tuple[str, ...]
    secret: str
    period: int

    def code_of(self, counter: int) -> str:
        return pyotp.HOTP(self.secret).at(counter)

    def counter(self) -> int:
        """The counter of this moment."""
        return int(wall_now().timestamp()) // self.period


@dataclass
class Cast:
    """Who plays, and which codes they have used."""

    players: dict[str, Player] = field(default_factory=dict)
    used: set[tuple[str, int]] = field(default_factory=set)

    def enrol(self, session: Session, handle: str, *roles: str, period: int = CODE_PERIOD) -> None:
        """Add a responder to the store and to the cast."""
        player = self.players[handle] = Player(handle, roles, new_secret(), period)
        session.add(
            Responder(
                handle=handle,
                name=handle,
                roles=list(roles),
                secret=player.secret,
                code_period=period,
                enrolled_at=wall_now(),
            )
        )

    def enrol_all(self, session: Session) -> None:
        """Four responders for each role."""
        for role in ROLES:
            for number in range(1, EACH + 1):
                self.enrol(session, f"{role.replace('_', '-')}-{number}", role)

    def code(self, handle: str) -> str:
        """A code of this responder that is good now and not used yet, with half a minute to spare."""
        player = self.players[handle]
        while True:
            now = player.counter()
            for counter in (now, now + 1):
                if (handle, counter) not in self.used:
                    self.used.add((handle, counter))
                    return player.code_of(counter)
            time.sleep(0.2)

    def wrong_code(self, handle: str) -> str:
        """Six digits that are no code of this responder for an hour; who is slowed down now is asked last."""
        player = self.players[handle]
        self.used |= {(handle, player.counter()), (handle, player.counter() + 1)}
        near = {player.code_of(player.counter() + step) for step in range(-120, 121)}
        return next(text for number in range(1000) if (text := f"{number:06d}") not in near)

    def holder(self, role: str, excluded: list[str]) -> str:
        """Whoever of the role has a code left now; those with one role before those with more."""
        able = [p for p in self.players.values() if p.roles == (role,) and p.handle not in excluded]
        return min(able, key=self._busy).handle

    def _busy(self, player: Player) -> int:
        now = player.counter()
        return sum((player.handle, counter) in self.used for counter in (now, now + 1))
