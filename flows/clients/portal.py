"""The key by which a client's portal knows that a notice is ours, in the form of Standard Webhooks."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlmodel import Session, select

from flows.vouching import note_house
from playbooks.errors import NotFound
from store.tables import Client

BYTES = 32


def new_portal_key(session: Session, ref: str, by: str, at: datetime) -> str:
    """Make a client's key anew, write that down and return it: it is shown this once."""
    found = session.exec(select(Client).where(Client.ref == ref)).first() if ref.isprintable() else None
    if found is None:
        raise NotFound("no such client", which=ref[:64], mend="see `seventytwo client list`")
    had_one = found.portal_secret is not None
    found.portal_secret = f"whsec_{base64.b64encode(secrets.token_bytes(BYTES)).decode()}"
    session.add(found)
    note_house(session, "portal_key_made", by, {"client": ref, "replaced": had_one}, at)
    return found.portal_secret
