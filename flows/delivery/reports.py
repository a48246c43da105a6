"""What a mail server reports of a notice, taken down: delivered counts as accepted, failed as bounced."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.utils import parseaddr

from sqlmodel import select

from flows.deciding import Decision, deciding, note
from flows.delivery.recording import record
from flows.house import House
from notify.delivery.addresses import mail_address
from notify.delivery.dsn import Report, read_report
from notify.delivery.outcomes import Accepted, Bounced
from notify.kinds import MessageFault
from playbooks.errors import NotFound, SetupFault
from store.tables import Delivery, Incident

_XTEXT = re.compile(r"\+([0-9A-F]{2})", re.ASCII)


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


def is_about(reported: str, address: str) -> bool:
    """Whether a report names the address that the notice went to, as it stands or as ORCPT wrote it."""
    decoded = _XTEXT.sub(lambda found: chr(int(found[1], 16)), reported)
    return _bare(address) in (_bare(reported), _bare(decoded))


def _bare(address: str) -> str:
    try:
        return str(mail_address(address.strip().strip("<>"))).casefold()
    except MessageFault:
        return ""


def _take(decision: Decision, delivery: Delivery, report: Report, sha256: str) -> None:
    words = f"{report.kind} {report.status} {report.words}".strip()
    by, more = "mail server", {"report_sha256": sha256}
    match report.kind:
        case "delivered" | "read" if is_about(report.recipient, delivery.address):
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
