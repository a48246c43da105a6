"""What the house itself counts and when its processes last gave a sign of life."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from store.types import instant


class Counter(SQLModel, table=True):
    """A number that only rises: incident references by year; its row is also a lock."""

    name: str = Field(primary_key=True, max_length=64)
    value: int = 0


class Heartbeat(SQLModel, table=True):
    """When a process last did its round."""

    name: str = Field(primary_key=True, max_length=32)
    at: datetime = instant()
