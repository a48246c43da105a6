"""What a mail server reports of a notice, taken down: delivered counts as accepted, failed as bounced."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.utils import parseaddr

from sqlmodel import select

from flows.deciding import Decision, deciding, note
from flows.delivery.recording import record
from flows.house import House
from notify.delivery.dsn import Report, read_report
from notify.delivery.outcomes import Accepted, Bounced
from playbooks.errors import NotFound, SetupFault
from store.tables import Delivery, Incident


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report was about, and how the delivery stands since."""

    incident: str
    notice: int
    kind: str
    state: str


def take_report(house: House, raw: bytes) -> Reported:
    """Write down what a mail says of a notice; the same mail twice changes nothing.

    Raises ReportFault for a mail that is no report, NotFound where it is about no mail of ours.
    """
    domain = parseaddr(house.settings.mail_from)[1].rpartition("@")[2]
    if not domain:
        mend = "set SEVENTYTWO_MAIL_FROM to the address that the notices come from"
        raise SetupFault("nothing says which mails are ours", mend=mend)
    report = read_report(raw, domain)
    with house.store.reading() as session:
        found = session.exec(
            select(Delivery.id, Incident.ref)
            .join(Incident, Incident.id == Delivery.incident_id)  # type: ignore[arg-type]
            .where(Delivery.key == report.key[:64], Delivery.channel == "email")
        ).first()
    if found is None or found[0] is None:
        raise NotFound("no mail of ours bears this id", mend="check that the report reached the right house")
    with deciding(house, found[1]) as decision:
        delivery = decision.session.get_one(Delivery, found[0])
        _take(decision, delivery, report, hashlib.sha256(raw).hexdigest())
        return Reported(found[1], delivery.notice_id, report.kind, delivery.state)


def _take(decision: Decision, delivery: Delivery, report: Report, sha256: str) -> None:
    words = f"{report.kind} {report.status} {report.words}".strip()
    by, more = "mail server", {"report_sha256": sha256}
    match report.kind:
        case "delivered" | "read":
            record(decision, delivery, Accepted("", words), by=by, **more)
        case "failed":
            record(
                decision,
                delivery,
                Bounced(f"the mail server says {report.status or 'no'}", words),
                by=by,
                **more,
            )
        case _:
            said = {"notice": delivery.notice_id, "way": delivery.position + 1, "kind": report.kind}
            note(decision, "notice_reported", by, said | {"status": report.status} | more)
