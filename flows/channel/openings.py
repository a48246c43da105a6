"""A new incident from a window: a person's report with their code, as the command line makes one."""

from __future__ import annotations

from datetime import datetime

from flows.channel import standing
from flows.channel.incoming import Sheet
from flows.channel.replies import NOTHING, Reply, link
from flows.house import House
from flows.reported import Report, open_reported
from flows.vouching import Voucher
from notify.text import slack
from playbooks.errors import ChooseAgain, Mend
from playbooks.sensitive import kinds_in


def open_from(house: House, sheet: Sheet, now: datetime) -> Reply:
    """Open the incident that the window describes, once; what is wrong comes back to the window."""
    with house.store.reading() as session:
        if (first := standing.first_outcome(session, sheet.key)) is not None:
            return Reply(first)
        responder = standing.actor(session, sheet.sender)
    if responder is None:
        with house.store.writing() as session:
            standing.record_refusal(session, sheet.key, "open", sheet.sender, now)
        return NOTHING
    title = str(sheet.values.get("title", ""))
    if kinds := kinds_in(title):
        return _fault("title", f"leave the number out ({', '.join(kinds)})")
    report = Report(
        key=f"slack:{sheet.key[:40]}",
        voucher=Voucher(responder.handle, str(sheet.values.get("code", ""))),
        playbook=str(sheet.values.get("playbook", "")),
        severity=str(sheet.values.get("severity", "medium")),
        clients=tuple(dict.fromkeys(str(sheet.values.get("clients", "")).replace(",", " ").split())),
        title=title,
    )
    try:
        ref = open_reported(house, report, now)
    except (ChooseAgain, Mend) as refused:
        return _fault("code", f"{refused.what}; {refused.mend}" if refused.mend else refused.what)
    said = f"{link(f'{house.settings.desk_url}/i/{ref}', ref)} is open."
    with house.store.writing() as session:
        standing.keep(session, sheet.key, "open", said, now, responder)
    return Reply(said)


def _fault(field: str, why: str) -> Reply:
    said = f"Not opened: {slack(why, 150)}"
    return Reply(said, faults={field: said})
