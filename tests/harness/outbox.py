"""A store with incidents that have something to say, and a stand-in for Slack that hears it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import select

from flows.clock import wall_now
from flows.dispatching import Dispatcher
from notify.pace import Pace
from store import outbox
from store.database import Store
from store.tables import Incident, Message

MOMENT = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)


class Clock:
    """Wall time that stands until it is moved; it begins now, because a search asks the stand-in by time."""

    def __init__(self) -> None:
        self.now = wall_now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def open_incident(
    store: Store, ref: str = "INC-2026-0001", *, channel: str = "#ir", kind: str = "real"
) -> str:
    opened = {"playbook": "data-exfiltration", "plan": "{}", "title": "t", "opened_at": MOMENT}
    with store.writing() as session:
        session.add(Incident(ref=ref, kind=kind, channel=channel, recorded_at=MOMENT, **opened))
    return ref


def say(store: Store, ref: str, text: str, at: datetime, *, kind: str = "note", **fields: Any) -> None:
    with store.deciding(ref) as (session, incident):
        outbox.enqueue(
            session, incident=incident, key=f"{ref}/{text}", kind=kind, channel=incident.channel, at=at,
            fields={"ref": ref, "exercise": incident.kind == "exercise", "text": text} | fields,
        )  # fmt: skip


def row(store: Store, text: str) -> Message:
    with store.reading() as session:
        return next(each for each in session.exec(select(Message)) if each.key.endswith(f"/{text}"))


def states(store: Store) -> list[str]:
    with store.reading() as session:
        return [each.state for each in session.exec(select(Message).order_by(Message.sequence))]


@contextmanager
def running(store: Store, sender: Any, wall: Callable[[], datetime] = wall_now) -> Iterator[None]:
    """What is to be said is sent meanwhile, as fast as a stand-in takes it."""
    stop, dispatcher = threading.Event(), Dispatcher(store, sender, pace=Pace(timedelta(milliseconds=20)))
    thread = threading.Thread(target=dispatcher.run, args=(wall, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        dispatcher.close()
