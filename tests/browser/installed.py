"""An installation as the browser tests use it: its people, the codes they read, the alerts that come in."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field

import httpx
import pyotp

from flows.clock import wall_now
from flows.house import House
from flows.identity import CODE_PERIOD
from flows.installation import Installation
from flows.people import Newcomer, enrol
from flows.sources import NewSource, add_source
from store.tables import Client
from tests.harness.desks import signed

SOURCE = "siem"
PEOPLE = {
    "commander-1": ("commander",),
    "commander-2": ("commander",),
    "it-1": ("it",),  # one holder, as in a small house: a list with a single entry must work too
    "approver-1": ("approver",),
}


@dataclass
class Installed:
    """A running installation with people in it."""

    installation: Installation
    house: House
    secrets: dict[str, str]
    source_secret: str
    used: dict[str, int] = field(default_factory=dict)

    @property
    def prefect_url(self) -> str:
        """Where the Prefect UI answers."""
        return self.installation.prefect_url

    @property
    def auth(self) -> str:
        """The auth string that the login page wants."""
        return self.installation.auth

    def code(self, handle: str) -> str:
        """The code that a responder's app shows, or the next one where they have used it."""
        while (counter := self._counter()) <= self.used.get(handle, 0):
            time.sleep(0.5)
        self.used[handle] = counter
        return pyotp.HOTP(self.secrets[handle]).at(counter)

    def wrong_code(self, handle: str) -> str:
        """Six digits that are no code of this responder around now."""
        app, now = pyotp.HOTP(self.secrets[handle]), self._counter()
        taken = {app.at(now + step) for step in range(-5, 20)}
        return next(
            code for code in ("000000", "111111", *map(str, range(222222, 222300))) if code not in taken
        )

    def raise_alert(self, title: str) -> str:
        """Post a signed alert to the desk; the reference of the incident that it opens."""
        body = json.dumps({"title": title, "severity": "high", "fingerprint": title}).encode()
        url = f"{self.installation.desk_url}/alerts/{SOURCE}"
        headers = signed(body, wall_now(), self.source_secret)
        answer = httpx.post(url, content=body, headers=headers, timeout=60, trust_env=False)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["results"][0]["incident"])

    @staticmethod
    def _counter() -> int:
        return int(wall_now().timestamp()) // CODE_PERIOD


def enrol_all(installation: Installation, house: House) -> Installed:
    """Enrol the people and let the source in, as the command line does."""
    now = wall_now()
    secrets: dict[str, str] = {}
    with house.store.writing() as session:
        for handle, roles in PEOPLE.items():
            newcomer = Newcomer(handle, handle, roles)
            secrets[handle] = enrol(session, newcomer, tuple(secrets)[:2], now).secret
        session.add(Client(ref="example-retail", name="Example Retail Ltd", imported_at=now))
        source = NewSource(SOURCE, "generic", "hmac", "data-exfiltration")
        source_secret = add_source(session, source, house.playbooks, "commander-1", now)
    return Installed(installation, house, secrets, source_secret)
