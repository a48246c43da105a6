"""Spans in which matching alerts are held back, or belong to a test that was announced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from playbooks.alerts.matching import Match
from playbooks.alerts.view import AlertView

WindowKind: TypeAlias = Literal["quiet", "test"]


@dataclass(frozen=True, slots=True)
class Window:
    """A quiet window or an announced test; what is empty or none leaves that side of its scope open."""

    id: int
    kind: WindowKind
    match: Match | None
    source: str
    client: str
    begins_at: datetime
    """Aware; counts from this instant on."""
    until: datetime
    """Aware; no longer counts at this instant."""

    def covers(self, view: AlertView, at: datetime) -> bool:
        """Tell whether an alert that came at that instant lies within its span and scope.

        A window for one client does not cover an alert that touches others too, or nobody knows whom.
        """
        return (
            self.begins_at <= at < self.until
            and not (self.kind == "quiet" and view.status == "resolved")
            and self.source in ("", view.source)
            and (not self.client or set(view.clients) == {self.client})
            and (self.match is None or self.match(view))
        )


def window_for(windows: Iterable[Window], view: AlertView, at: datetime) -> Window | None:
    """The window that an alert falls into, a test before a quiet one, then the oldest; None for none.

    A quiet window never holds the end of an alert back, so that nothing stays open that is over.
    """
    covering = (window for window in windows if window.covers(view, at))
    return min(covering, key=lambda window: (window.kind != "test", window.id), default=None)
