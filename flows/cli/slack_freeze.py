"""A channel that is not to be trusted: `seventytwo slack freeze|thaw|frozen`."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated

import typer

from flows.channel_freeze import freezes
from flows.cli.asked import As, Code, Second, SecondCode, changing, opened, reading, voucher, vouchers
from flows.cli.shown import columns, say
from flows.freezing import (
    Frozen,
    freeze,
    read_channel,
    refuse_dead_end,
    tell_frozen,
    tell_thawed,
    thaw,
)
from flows.house import House
from notify.slack import SlackSender
from store.outbox import EVERYWHERE

Channel = Annotated[str, typer.Argument(metavar="CHANNEL", help="#name or id of a channel, or `all`.")]


def freeze_command(
    channel: Channel,
    *,
    why: Annotated[str, typer.Option(help="Why it is not to be trusted; it is stored sealed.")],
    no_other: Annotated[
        bool, typer.Option("--no-other", help="Let everything wait: there is no other way to the responders.")
    ] = False,
    as_: As = "",
    code: Code = "",
) -> None:
    """Tell a channel nothing from now on, and take nothing from there: a commander's code is enough."""
    with opened() as house:
        said = read_channel(channel)
        other = refuse_dead_end(house, {said}, no_other=no_other)
        with changing(house, (voucher(as_, code),)) as change:
            frozen = freeze(change.session, {said}, why, change.author, change.at)
        if names := _other_names(house, said):
            with house.store.writing() as session:
                freeze(session, names, why, change.author, change.at)
            frozen = Frozen((said, *sorted(names)), change.at)
        tell_frozen(house, frozen, change.author, change.at, other=other)
        say(f"frozen: {frozen.said}. Nothing is told there, and nothing from there counts.")
        say(
            "What is said goes to the other way."
            if other
            else "Everything for it waits until the thaw: tell the responders yourself, now."
        )


def thaw_command(
    channel: Channel,
    *,
    as_: As = "",
    code: Code = "",
    second: Second = "",
    second_code: SecondCode = "",
) -> None:
    """Use a channel again: two people agree, a commander among them."""
    with opened() as house:
        both = vouchers(2, (as_, code), (second, second_code))
        with changing(house, both) as change:
            frozen = thaw(change.session, read_channel(channel), change.by, change.at)
        tell_thawed(house, frozen, change.by, change.at)
        say(f"thawed: {frozen.said}. It is told how many messages went elsewhere.")


def frozen_command() -> None:
    """List the channels that are frozen."""
    with reading() as session:
        columns(
            ("channel", "since", "by", "why"),
            [
                ("all" if row.channel == EVERYWHERE else row.channel, row.at, row.by, row.why)
                for row in freezes(session)
            ],
            none="no channel is frozen",
        )


def add_to(app: typer.Typer) -> None:
    """Put the three commands among those of Slack."""
    app.command("freeze")(freeze_command)
    app.command("thaw")(thaw_command)
    app.command("frozen")(frozen_command)


def _other_names(house: House, channel: str) -> frozenset[str]:
    """What a channel is called besides: a message may go by its name, a press comes by its id."""
    if channel == EVERYWHERE or not house.settings.slack_token:
        return frozenset()
    with closing(SlackSender(house.settings.slack_token, house.settings.slack_url, timeout=5)) as slack:
        return slack.names_of(channel) - {channel}
