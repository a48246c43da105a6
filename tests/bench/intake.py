"""Distinct alerts beside the bare reference endpoint: `python -m tests.bench.intake [--store pg]`.

8 clients post the same alerts to both, each of a new fingerprint, 50 naming one account on one host, so that
ours opens an incident with one in 50 and lets the others join; rounds alternate, medians are told. Needs
SEVENTYTWO_SHARED for reference and load generator.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import importlib.util
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from flows.clock import wall_now
from flows.intake.authentication import sign
from store.seal import VARIABLE
from tests.bench.intake_aftermath import Aftermath, aftermath
from tests.bench.intake_targets import Target, databases, desk, reference, shared

CLIENTS = 8
ONE_IN = 50


@dataclass(frozen=True, slots=True)
class Stream:
    """What is posted: which fingerprint and which account the alert of a running number has."""

    fingerprint: Callable[[int], int]
    account: Callable[[int], int]


DISTINCT = Stream(lambda i: i, lambda i: i // ONE_IN)
"""Every alert a new one; 50 in a row name one account, by which they belong together."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round against one target: alerts a second, milliseconds of an answer, and of processor time."""

    rate: float
    cpu: float
    p50: float
    p95: float
    p99: float
    after: Aftermath | None = None


def load_generator() -> ModuleType:
    """The load generator that the reference figures were measured with; it signs, and names accounts."""
    spec = importlib.util.spec_from_file_location("loadgen", shared() / "bench" / "loadgen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _let_sign(module)
    return module


def _let_sign(loadgen: Any) -> None:
    """Teach the load generator's connection to sign each request of a target that has a secret."""
    plain = loadgen.Conn

    class Signing(plain):  # type: ignore[misc, valid-type] # the base class is loaded at run time
        def __init__(self, target: dict[str, Any]) -> None:
            super().__init__(target)
            self.secret = target.get("secret")

        async def _req(self, method: str, path: str, body: bytes | str | None) -> Any:
            if self.secret:
                data = body.encode() if isinstance(body, str) else (body or b"")
                stamp = str(int(time.time()))
                mac = sign(self.secret, stamp, data)
                self.h = f"X-Seventytwo-Timestamp: {stamp}\r\nX-Seventytwo-Signature: {mac}\r\n"
            return await super()._req(method, path, body)

    loadgen.Conn = Signing


def measure(loadgen: Any, target: Target, count: int, stream: Stream = DISTINCT, *, tag: str = "") -> Round:
    """One round against one target, until what it opened has begun; `tag` makes its fingerprints its own."""
    tag = tag or new_tag()
    plain = loadgen.fill

    def fill(text: str, fingerprint: str, number: int, of: str) -> str:
        filled = text.replace("$ACCOUNT", f"agent-{tag}-{stream.account(number)}")
        return str(plain(filled, fingerprint, number, of))

    loadgen.fill = fill
    spec = {
        "base": target.base,
        "headers": dict(target.headers),
        "secret": target.secret,
        "alert": {"path": target.path, "body": _body(loadgen.ALERT)},
    }
    before, began = target.processor(), wall_now()
    posting = loadgen.load(spec, "alert", count, CLIENTS, lambda i: f"{tag}-{stream.fingerprint(i)}", tag)
    try:
        took, failed, seconds = asyncio.run(posting)[:3]
    finally:
        loadgen.fill = plain
    if failed:
        sys.exit(f"bench: {target.base} refused {failed}")
    after = aftermath(target.database, began) if target.database else None
    if after is not None:
        target.settle()
    used = (target.processor() - before) / count * 1000
    p50, p95, p99 = (float(loadgen.pct(took, part)) for part in (50, 95, 99))
    return Round(count / seconds, used, p50, p95, p99, after)


def new_tag() -> str:
    """What no other round has in its fingerprints and accounts."""
    return uuid.uuid4().hex[:8]


def _body(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The load generator's alert, with the account that it concerns and that account's own machine."""
    return {**alert, "account": "$ACCOUNT", "labels": {**alert["labels"], "host": "host-of-$ACCOUNT"}}


def alternate(
    targets: Mapping[str, Target], rounds: int, count: int, say: Callable[[str], None]
) -> dict[str, list[Round]]:
    """Rounds over all targets in turn; the first, short one warms up and is not counted."""
    loadgen = load_generator()
    taken: dict[str, list[Round]] = {name: [] for name in targets}
    for turn in range(rounds + 1):
        say(f"intake: {next(iter(targets))}, round {turn} of {rounds}")
        for name in list(targets)[:: 1 if turn % 2 else -1]:
            with ExitStack() as others:
                for other in targets:
                    if other != name:
                        others.enter_context(targets[other].at_rest())
                got = measure(loadgen, targets[name], count if turn else max(100, count // 4))
            if turn:
                taken[name].append(got)
    return taken


def beside_reference(
    kind: str, rounds: int, count: int, say: Callable[[str], None], auths: Sequence[str] = ("hmac",)
) -> dict[str, list[Round]]:
    """The rounds of the reference and of desks of ours, all on databases of that kind."""
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seventytwo-bench-")))
        new = stack.enter_context(databases(kind, work))
        targets = {f"reference, {kind}": stack.enter_context(reference(new))}
        for auth in auths:
            one = desk(new, work, auth, f"desk-{auth}")
            targets[f"desk, {kind}, {auth}"] = stack.enter_context(one)
        return alternate(targets, rounds, count, say)


def table(taken: Mapping[str, Sequence[Round]]) -> str:
    """Medians as Markdown, the ratios to the first row taken within each round."""
    rows = [
        "| target | alerts/s | p50 ms | p99 ms | CPU ms each | rate | p99 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    first = next(iter(taken.values()))
    for name, rounds in taken.items():
        rate, p50, p99, cpu = (
            statistics.median(getattr(one, what) for one in rounds) for what in ("rate", "p50", "p99", "cpu")
        )
        rows.append(
            f"| {name} | {rate:.0f} | {p50:.1f} | {p99:.1f} | {cpu:.2f} "
            f"| {ratio(rounds, first, 'rate'):.2f} | {ratio(rounds, first, 'p99'):.1f} |"
        )
    return "\n".join(rows)


def ratio(rounds: Sequence[Round], beside: Sequence[Round], what: str) -> float:
    """The median of the ratios of one figure within each round."""
    pairs = zip(rounds, beside, strict=True)
    return float(statistics.median(getattr(one, what) / getattr(other, what) for one, other in pairs))


def main() -> None:
    """Measure and show, without writing anything."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--count", type=int, default=3000)
    asked.add_argument("--store", choices=("sqlite", "pg"), default="sqlite")
    given = asked.parse_args()
    os.environ.setdefault(VARIABLE, base64.b64encode(os.urandom(32)).decode())
    taken = beside_reference(given.store, given.rounds, given.count, lambda _: None)
    told = [f"{name}: {one.after}" for name, rounds in taken.items() for one in rounds if one.after]
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    sys.stdout.write("\n".join([table(taken), *told, f"load average: {load}\n"]))


if __name__ == "__main__":
    main()
