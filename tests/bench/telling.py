"""From an accepted alert to the Slack stand-in having its message: twenty a second over forty channels."""

from __future__ import annotations

import asyncio
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from flows.clock import wall_now
from flows.house import House
from flows.installation import Installation, prepare
from flows.sources import NewSource, add_source
from flows.supervisor import Supervisor, free_port
from tests.bench.installed import children_of, processor_of
from tests.bench.results import Figure, Section, markdown
from tests.fakes.slack import FakeSlack

RATE = 20  # alerts a second
CHANNELS = 40
PATIENCE = 300.0  # seconds for the last message
REF = re.compile(r"INC-\d+-\d+")

HOW = f"""The real desk and the real watch as `seventytwo up` starts them, over HTTP; the Slack stand-in
of the tests keeps Slack's shapes and answers at once. {RATE} alerts a second are posted at even
intervals, each of a new fingerprint, so that each opens an incident and is told to one of {CHANNELS}
channels in turn (one source a channel). Measured is from the 202 at the sender to the message at the
stand-in, both by the clock of the process that plays both. The target is judged with no Prefect server:
it concerns the desk, the outbox and the watch. The row with Prefect up is the same flood on the whole
installation, where each incident also asks for three runs: far more than one Prefect server starts (8 to
10 a second), so that server and worker take every core that is left."""


@dataclass(frozen=True, slots=True)
class Told:
    """One round: milliseconds from each 202 to its message, and from each request to its 202; CPU of each."""

    name: str
    waits: Sequence[float]
    posts: Sequence[float]
    processor: Mapping[str, float]


def telling(*, quick: bool, say: Callable[[str], None]) -> Section:
    """Flood the desk, without Prefect several times and with it once."""
    seconds, rounds = (5, 1) if quick else (20, 3)
    alone = []
    for at in range(rounds):
        say(f"telling: round {at + 1} of {rounds}, Prefect server not running")
        alone.append(_round(f"not running, round {at + 1}", seconds, ("desk", "watch")))
    say("telling: Prefect server and warm worker running")
    beside = _round("running, with the warm worker", seconds, ("server", "desk", "watch", "worker"))
    p95 = statistics.median(_at(one.waits, 95) for one in alone)
    p50 = statistics.median(_at(one.waits, 50) for one in alone)
    figures = (
        Figure("alert to Slack, Prefect server not running: p50", f"{p50:.0f} ms"),
        Figure("alert to Slack, Prefect server not running: p95", f"{p95:.0f} ms", "≤ 500 ms", p95 <= 500),
        Figure("alert to Slack, Prefect server running: p95", f"{_at(beside.waits, 95):.0f} ms"),
    )
    rows = [
        (
            one.name,
            f"{len(one.waits)}",
            *(f"{_at(one.waits, part):.0f}" for part in (50, 95, 100)),
            *(f"{_at(one.posts, part):.0f}" for part in (50, 95)),
            *(f"{one.processor[part]:.0f}" for part in ("desk", "watch")),
        )
        for one in (*alone, beside)
    ]
    head = (
        "Prefect server",
        "alerts",
        "to Slack p50 ms",
        "p95 ms",
        "slowest ms",
        "POST p50 ms",
        "POST p95 ms",
        "desk CPU ms each",
        "watch CPU ms each",
    )
    return Section("From an alert to Slack", HOW, figures, markdown(head, rows))


def _at(values: Sequence[float], part: float) -> float:
    """The value that `part` percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * part // 100) - 1)]


def _round(name: str, seconds: int, parts: Sequence[str]) -> Told:
    with FakeSlack() as slack, _desk(slack, parts) as (installation, secret, supervisor):
        warm_up = asyncio.run(_flood(installation.desk_url, secret, RATE))
        _wait_for(slack, warm_up)
        before = processor_of(supervisor)
        answered = asyncio.run(_flood(installation.desk_url, secret, RATE * seconds))
        heard = _wait_for(slack, answered)
        used = {name: (now - before[name]) * 1000 for name, now in processor_of(supervisor).items()}
    waits = [(heard[ref] - accepted) * 1000 for ref, (_, accepted) in answered.items()]
    posts = [(accepted - sent) * 1000 for sent, accepted in answered.values()]
    return Told(name, waits, posts, {part: used[part] / len(waits) for part in ("desk", "watch")})


@contextmanager
def _desk(slack: FakeSlack, parts: Sequence[str]) -> Iterator[tuple[Installation, str, Supervisor]]:
    """These children of an installation, telling the stand-in, with a source for each channel."""
    token = {"SEVENTYTWO_SLACK_TOKEN": slack.token, "SEVENTYTWO_SLACK_URL": slack.url}
    with tempfile.TemporaryDirectory(prefix="seventytwo-bench-", ignore_cleanup_errors=True) as folder:
        installation = prepare(Path(folder), prefect_port=free_port(), desk_port=free_port())
        secret = _let_in(installation.house())
        known = children_of(installation)
        children = [replace(known[name], env={**known[name].env, **token}) for name in parts]
        with Supervisor(children, installation.data / "log") as supervisor:
            yield installation, secret, supervisor


def _let_in(house: House) -> str:
    """A source for each channel; their secrets, one a line."""
    with house.store.writing() as session:
        found = [
            add_source(session, _source(at), house.playbooks, "bench", wall_now()) for at in range(CHANNELS)
        ]
    house.store.close()
    return "\n".join(found)


def _source(at: int) -> NewSource:
    return NewSource(f"tool-{at}", "generic", "bearer", "data-exfiltration", channel=f"#ir-{at}")


async def _flood(desk_url: str, secret: str, count: int) -> dict[str, tuple[float, float]]:
    """Post so many alerts at the rate; by incident, when each was sent and when it was accepted."""
    bearers = secret.split("\n")
    async with httpx.AsyncClient(base_url=desk_url, timeout=60, trust_env=False) as desk:
        began = time.time()
        posts = []
        for at in range(count):
            await asyncio.sleep(max(0.0, began + at / RATE - time.time()))
            posts.append(asyncio.create_task(_post(desk, at % CHANNELS, bearers[at % CHANNELS])))
        return dict(await asyncio.gather(*posts))


async def _post(desk: httpx.AsyncClient, channel: int, bearer: str) -> tuple[str, tuple[float, float]]:
    body = {"title": "An alert of the bench", "fingerprint": secrets.token_hex(12), "severity": "high"}
    sent = time.time()
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = await desk.post(f"/alerts/tool-{channel}", json=body, headers=headers)
    accepted = time.time()
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    return str(answer.json()["results"][0]["incident"]), (sent, accepted)


def _wait_for(slack: FakeSlack, incidents: dict[str, tuple[float, float]]) -> dict[str, float]:
    """When the first message of each incident arrived."""
    deadline = time.monotonic() + PATIENCE
    while missing := incidents.keys() - (heard := _heard(slack)).keys():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(missing)} messages did not come")
        time.sleep(0.5)
    return heard


def _heard(slack: FakeSlack) -> dict[str, float]:
    heard: dict[str, float] = {}
    for posted in slack.messages():
        for ref in REF.findall(posted.shown)[:1]:
            heard.setdefault(ref, posted.received_at)
    return heard
