"""The ways out that this installation has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from flows.clock import wall_now
from flows.settings import Settings
from notify.delivery.email import EmailWay
from notify.delivery.parcel import Way
from notify.delivery.slack_connect import SlackConnectWay
from notify.delivery.webhook import WebhookWay
from notify.slack import SlackSender


def ways_of(settings: Settings) -> Mapping[str, Way]:
    """A sender for each channel that is set up; the others are a person's."""
    portals = WebhookWay(wall_now, certificate=settings.portal_certificate, networks=settings.portal_networks)
    ways: dict[str, Way] = {"webhook": portals}
    if settings.smtp_url and settings.mail_from:
        ways["email"] = EmailWay(settings.smtp_url, settings.mail_from)
    if settings.slack_token:
        ways["slack"] = SlackConnectWay(SlackSender(settings.slack_token, settings.slack_url))
    return ways


@contextmanager
def closing_ways(settings: Settings) -> Iterator[Mapping[str, Way]]:
    """The same, closed at the end."""
    ways = ways_of(settings)
    try:
        yield ways
    finally:
        for way in ways.values():
            way.close()
