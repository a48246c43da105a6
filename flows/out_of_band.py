"""Which other way the settings name for while a channel is not to be trusted."""

from __future__ import annotations

import logging
import re
from typing import Final

from flows.clock import wall_now
from flows.settings import Settings
from notify.delivery.email import EmailWay
from notify.loopback import is_loopback
from notify.other_way import Mail, OneChannel, OtherWay, Webhook
from notify.slack import SlackSender
from playbooks.errors import SetupFault

_ADDRESS: Final = re.compile(r"[^\s@,<>\"]+@[^\s@,<>\"]+")
_MENDS: Final = "a Slack channel, mailto:a@b,c@d or an https address"
log = logging.getLogger("seventytwo.dispatch")
NAME: Final = "SEVENTYTWO_OUT_OF_BAND"


def other_way(settings: Settings) -> OtherWay | None:
    """The other way, none where none is named; raises SetupFault for one that cannot be used."""
    said = settings.out_of_band.strip()
    if not said:
        return None
    if said.startswith("mailto:"):
        return OtherWay(_mail(settings, said.removeprefix("mailto:")))
    if said.startswith("https://") or (said.startswith("http://") and is_loopback(said)):
        return OtherWay(Webhook(said))
    if "://" in said or re.search(r"\s", said):
        raise SetupFault(f"{NAME} is no way to the responders", mend=_MENDS)
    if not settings.slack_token:
        raise SetupFault(f"{NAME} names a channel, and there is no Slack", which=said, mend=_MENDS)
    return OtherWay(OneChannel(SlackSender(settings.slack_token, settings.slack_url), said), said)


def other_way_if_any(settings: Settings) -> OtherWay | None:
    """The other way, none where none can be used; the log says why, and what is for the channels goes on."""
    try:
        return other_way(settings)
    except SetupFault as fault:
        log.error("there is no other way to the responders: %s", fault)  # noqa: TRY400 - its line says all
        return None


def _mail(settings: Settings, said: str) -> Mail:
    recipients = [one.strip() for one in said.split(",") if one.strip()]
    if not recipients or not all(_ADDRESS.fullmatch(one) for one in recipients):
        raise SetupFault(f"{NAME} names no mail addresses", mend=_MENDS)
    if not settings.smtp_url or not settings.mail_from:
        mend = "set SEVENTYTWO_SMTP_URL and SEVENTYTWO_MAIL_FROM"
        raise SetupFault(f"{NAME} wants mail, and there is no mail server", mend=mend)
    return Mail(EmailWay(settings.smtp_url, settings.mail_from), settings.organisation, recipients, wall_now)
