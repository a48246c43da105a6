"""One attempt to tell something: sent, looked for after an unknown outcome, or edited where it stands."""

from __future__ import annotations

import logging

from flows.outgoing import Outgoing
from notify.kinds import MessageFault
from notify.pace import SKEW
from notify.render import SlackMessage, render, render_bare
from notify.sending import Absent, Dead, Sender, Sent, TryLater, Unknown
from playbooks.errors import InstantFault

Result = Sent | TryLater | Unknown | Dead | Absent
log = logging.getLogger("seventytwo.dispatch")


def attempt(sender: Sender, outgoing: Outgoing) -> Result:
    """Send the message, or what its row asks for instead; whatever goes wrong is an outcome."""
    try:
        if outgoing.is_edit:
            return sender.edit(outgoing.channel, outgoing.message.external_id, _rendered(outgoing))
        return _find(sender, outgoing) if outgoing.is_unknown else _post(sender, outgoing)
    except Exception as error:  # the one loop that must go on: a message's fault is its own
        log.exception("sending message %s failed in a way nobody foresaw", outgoing.message.id)
        return Unknown(f"unforeseen: {type(error).__name__}")


def _post(sender: Sender, outgoing: Outgoing) -> Result:
    return sender.post(outgoing.channel, _rendered(outgoing), thread=outgoing.thread, key=outgoing.mark)


def _find(sender: Sender, outgoing: Outgoing) -> Result:
    since = outgoing.message.queued_at - SKEW
    return sender.find(outgoing.channel, thread=outgoing.thread, key=outgoing.mark, since=since)


def _rendered(outgoing: Outgoing) -> SlackMessage:
    """The message as it reads; one that cannot be rendered is told barely rather than not at all."""
    kind = outgoing.message.kind
    try:
        return render(kind, outgoing.fields)
    except (MessageFault, InstantFault) as fault:
        log.error("message %s told without its details: %s", outgoing.message.id, fault)  # noqa: TRY400 - whole
        return render_bare(kind, outgoing.ref, exercise=outgoing.exercise)
