"""What intake knows of the house is told anew after a change, whatever befell the one who read it first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from flows.intake.surroundings import Watched
from playbooks.errors import Unreachable
from store.database import Store
from tests.harness.desks import NOON, add_client


def test_a_look_that_fails_halfway_hides_no_client_from_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    watched = Watched(monotonic=lambda: now)
    with store.reading() as session:
        watched.look(session, NOON)
    add_client(store, "hedgehog", "Hedgehog Ltd", "tenant-7")
    now = 2.0
    with store.reading() as session, monkeypatch.context() as patch:
        patch.setattr(session, "exec", _failing_at_clients(session))
        with pytest.raises(Unreachable):
            watched.look(session, NOON)
    with store.reading() as session:
        assert watched.look(session, NOON).clients["tenant-7"] == ("hedgehog",)


def test_a_look_during_another_hides_no_client_from_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    watched = Watched(monotonic=lambda: now)
    with store.reading() as session:
        watched.look(session, NOON)
    add_client(store, "hedgehog", "Hedgehog Ltd", "tenant-7")
    now = 2.0
    with store.reading() as session, store.reading() as other, monkeypatch.context() as patch:
        patch.setattr(session, "exec", _looking_at_clients(session, watched, other))
        watched.look(session, NOON)
        assert "tenant-7" in watched.look(other, NOON).clients
    assert _looked_at_meanwhile == [True]


_looked_at_meanwhile: list[bool] = []


def _failing_at_clients(session: Session) -> Any:
    really = session.exec

    def execute(statement: Any, **more: Any) -> Any:
        if "FROM client" in str(statement):
            raise Unreachable("the database did not answer in time", mend="try again")
        return really(statement, **more)

    return execute


def _looking_at_clients(session: Session, watched: Watched, other: Session) -> Any:
    really = session.exec

    def execute(statement: Any, **more: Any) -> Any:
        if "FROM client" in str(statement):
            _looked_at_meanwhile[:] = ["tenant-7" in watched.look(other, NOON).clients]
        return really(statement, **more)

    return execute
