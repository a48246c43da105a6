"""The one-use link by which a recipient says that it has a notice; nothing that opens it is stored."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

from sqlmodel import Session, select

from flows.house import House
from store.tables import Delivery

HOLDS: Final = timedelta(days=90)
"""How long a link can be used."""
LENGTH: Final = 64


def token_for(house: House, key: str) -> str:
    """The digest of the link's word, which is all that is kept; empty where nobody outside reaches us."""
    return _token(house.store.keyring.blind_index(_subject(key))) if house.settings.public_url else ""


def link_of(house: House, delivery: Delivery) -> str | None:
    """The link of a delivery: the same on each attempt, also after a new key was put in."""
    words = house.store.keyring.blind_indexes(_subject(delivery.key))
    word = next((one for one in words if _token(one) == delivery.token), None)
    return f"{house.settings.public_url}/ack/{word}" if word and house.settings.public_url else None


def delivery_of(session: Session, word: str) -> Delivery | None:
    """The delivery whose link bears this word."""
    if len(word) != LENGTH or not word.isascii():
        return None
    return session.exec(select(Delivery).where(Delivery.token == _token(word))).first()


def _subject(key: str) -> str:
    return f"acknowledge/{key}"


def _token(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
