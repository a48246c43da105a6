"""Records: what the store itself holds of an alert, by the hash of its canonical text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlmodel import Session, col, select

from flows.house import House
from playbooks.errors import TellHuman
from store.tables import Alert, Evidence

_ORIGIN = "alert "


def origin_of(alert: Alert) -> str:
    """Where a record of an alert says that it comes from."""
    return f"{_ORIGIN}{alert.id}"


def text_of(payload: Mapping[str, object]) -> bytes:
    """The one text of an alert's payload that its hash is taken of."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def recorded_alerts(session: Session) -> set[int]:
    """The alerts whose payloads are records among the evidence that is not disposed of."""
    kept = select(Evidence.origin).where(Evidence.kind == "record", col(Evidence.disposed_at).is_(None))
    origins = (origin for origin in session.exec(kept) if origin.startswith(_ORIGIN))
    return {int(number) for one in origins if (number := one.removeprefix(_ORIGIN)).isdigit()}


def digest_of_record(house: House, item: Evidence) -> str:
    """The hash of the alert as it stands now; raises TellHuman where it is gone.

    It differs from the record's where the tool has restated the alert since: a newer snapshot records that.
    """
    with house.store.reading() as session:
        alert = session.get(Alert, int(item.origin.removeprefix(_ORIGIN)))
    if alert is None or alert.payload is None:
        raise TellHuman("the alert of this record is gone", which=item.origin)
    return hashlib.sha256(text_of(alert.payload)).hexdigest()
