"""A thousand messages over fifty channels, at the pace Slack allows each: none lost, none out of order."""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from flows.clock import wall_now
from flows.dispatching import Dispatcher
from flows.installation import prepare
from flows.supervisor import free_port
from notify.pace import BURST, INTERVAL
from notify.slack import SlackSender
from store.database import Store
from store.seal import Keyring
from tests.bench.results import Figure, Section, markdown
from tests.fakes.slack import FakeSlack
from tests.harness.outbox import open_incident, say

CHANNELS, EACH = 50, 20
PATIENCE = 120.0  # seconds
WARM = 0.2  # the part of the messages after which its memory is judged
FLAT = 16.0  # MB that it may grow afterwards

HOW = f"""One dispatcher in a process of its own, as the watch runs it, on SQLite; {CHANNELS * EACH:,}
messages wait already, {EACH} for each of {CHANNELS} channels. The stand-in refuses what is faster than
Slack allows: one message a second and channel, {BURST} at once. So {EACH - BURST} seconds are the least
that any sender needs; nothing is scaled. Memory is the resident size of the dispatcher's process, from
when {WARM:.0%} of the messages were there to the last of them."""


@dataclass(frozen=True, slots=True)
class Flooded:
    """What one round showed: seconds, refusals, what was lost or out of order, memory in MB."""

    seconds: float
    refused: int
    lost: int
    disordered: int
    before: float
    most: float


def flooding(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Let a dispatcher loose on what waits, and watch it."""
    say(f"flooding: {CHANNELS * EACH} messages, {CHANNELS} channels")
    one = _round(EACH // 2 if quick else EACH)
    least = (EACH - BURST) * INTERVAL.total_seconds()
    figures = (
        Figure("1,000 messages, 50 channels: sent in", f"{one.seconds:.1f} s", f"{least:.0f} s is the least"),
        Figure("dropped", f"{one.lost}", "0", one.lost == 0),
        Figure("out of order in their channel", f"{one.disordered}", "0", one.disordered == 0),
        Figure("refused by the stand-in as too fast", f"{one.refused}"),
        Figure("memory of the dispatcher grew by", f"{one.most - one.before:.1f} MB", f"≤ {FLAT:.0f} MB",
               one.most - one.before <= FLAT),
    )  # fmt: skip
    row = (f"{one.seconds:.1f}", f"{one.refused}", f"{one.before:.1f}", f"{one.most:.1f}")
    head = ("seconds", "refused", "MB after the start", "MB at most")
    return Section("A thousand messages to Slack", HOW, figures, markdown(head, [row]))


def _round(each: int) -> Flooded:
    with (
        FakeSlack(rate=1 / INTERVAL.total_seconds(), burst=BURST) as slack,
        tempfile.TemporaryDirectory(prefix="seventytwo-bench-", ignore_cleanup_errors=True) as folder,
    ):
        house = prepare(Path(folder), prefect_port=free_port(), desk_port=free_port()).house()
        _fill(house.store, each)
        settings = house.settings
        context = multiprocessing.get_context("spawn")
        stop = context.Event()
        given = (settings.database_url, str(settings.key_file), slack.url, slack.token, stop)
        process = context.Process(target=_dispatch, args=given)
        process.start()
        sizes = _watched(process.pid or 0, slack, each * CHANNELS)
        stop.set()
        process.join(30)
        house.store.close()
        first = min((one.received_at for one in slack.messages()), default=0.0)
        last = max((one.received_at for one in slack.messages()), default=PATIENCE)
        warm = [size for there, size in sizes if there >= WARM * each * CHANNELS] or [0.0]
        return Flooded(
            seconds=last - first,
            refused=sum(method == "chat.postMessage" for method, _ in slack.calls) - len(slack.messages()),
            lost=each * CHANNELS - len({one.text for one in slack.messages()}),
            disordered=_disordered(slack),
            before=warm[0],
            most=max(warm),
        )


def _fill(store: Store, each: int) -> None:
    for channel in range(CHANNELS):
        ref = open_incident(store, f"INC-2026-{channel + 1:04}", channel=f"#c{channel}")
        for number in range(each):
            say(store, ref, f"m{number:03}", wall_now())


def _dispatch(database_url: str, key_file: str, slack_url: str, token: str, stop: Any) -> None:
    """The dispatcher's process."""
    store = Store.open(database_url, Keyring.from_env_or_file(Path(key_file)))
    sender = SlackSender(token, slack_url)
    dispatcher, ended = Dispatcher(store, sender), threading.Event()
    thread = threading.Thread(target=dispatcher.run, args=(wall_now, ended))
    thread.start()
    stop.wait()
    ended.set()
    thread.join()
    dispatcher.close()
    sender.close()
    store.close()


def _watched(pid: int, slack: FakeSlack, count: int) -> list[tuple[float, float]]:
    """How many messages were there and how many megabytes, until all were."""
    began, sizes = time.monotonic(), list[tuple[float, float]]()
    while len(slack.messages()) < count and time.monotonic() - began < PATIENCE:
        time.sleep(0.25)
        sizes.append((len(slack.messages()), _resident(pid)))
    return sizes


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def _disordered(slack: FakeSlack) -> int:
    """How many messages came before an earlier one of their channel."""
    wrong = 0
    for channel in range(CHANNELS):
        numbers: Sequence[str] = [one.text[-3:] for one in slack.messages(f"#c{channel}")]
        wrong += sum(later < earlier for earlier, later in pairwise(numbers))
    return wrong
