"""The alerts of an incident as its page and its report tell them."""

from __future__ import annotations

from sqlmodel import Session, col, func, select

from notify.report_view import AlertLine
from store.tables import Alert, AlertWindow, Incident, Source

_WINDOWS = {"test": "announced test", "quiet": "held back by quiet window"}


def alert_lines(session: Session, incident: Incident, most: int | None = None) -> tuple[AlertLine, ...]:
    """The alerts in the order in which they came, or the `most` that came last."""
    rows = session.exec(
        select(Alert, Source.name, AlertWindow.kind)
        .join(Source, col(Source.id) == col(Alert.source_id))
        .join(AlertWindow, col(AlertWindow.id) == col(Alert.window_id), isouter=True)
        .where(Alert.incident_id == incident.id)
        .order_by(col(Alert.id).desc())
        .limit(most)
    ).all()
    return tuple(_line(*row) for row in reversed(rows))


def count_alerts(session: Session, incident: Incident) -> int:
    """How many different alerts the incident holds."""
    count = select(func.count()).select_from(Alert).where(Alert.incident_id == incident.id)
    return session.exec(count).one()


def _line(alert: Alert, source: str, window: str | None) -> AlertLine:
    assert alert.id is not None
    original = str(alert.reading.get("original_severity", ""))
    return AlertLine(
        number=alert.id,
        source=source,
        kind=alert.kind,
        title=alert.title,
        severity=alert.severity,
        original_severity="" if original.lower() == alert.severity else original,
        status=alert.status,
        occurrences=alert.occurrences,
        occurred_at=alert.occurred_at,
        first_seen_at=alert.first_seen_at,
        last_seen_at=alert.last_seen_at,
        window=f"{_WINDOWS.get(window, window)} {alert.window_id}" if window else "",
        link=str(alert.reading.get("link", "")),
    )
