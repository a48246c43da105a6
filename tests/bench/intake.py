"""Intake beside the bare reference endpoint, in the same run: `python -m tests.bench.intake`.

8 clients post the same alerts to both, one in 50 of a new fingerprint, so that ours opens an incident with
every fiftieth; rounds alternate, medians are told. Needs SEVENTYTWO_SHARED for reference and load generator.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import psutil

from flows.intake.authentication import sign
from tests.bench.desk_process import SOURCE

CLIENTS = 8
ONE_IN = 50


def shared() -> Path:
    """The folder of shared data; ends the run, said aloud, where there is none."""
    folder = os.environ.get("SEVENTYTWO_SHARED", "")
    if not Path(folder, "bench", "reference.py").is_file():
        sys.exit("bench: SEVENTYTWO_SHARED names no folder with bench/reference.py, intake is not measured")
    return Path(folder)


def load_generator(folder: Path) -> ModuleType:
    """The load generator that the reference figures were measured with."""
    spec = importlib.util.spec_from_file_location("loadgen", folder / "bench" / "loadgen.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signing(loadgen: ModuleType) -> None:
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

    loadgen.Conn = Signing  # type: ignore[attr-defined] # the module is loaded at run time


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(command: list[str], url: str, env: dict[str, str]) -> Iterator[psutil.Process]:
    """A server that answers at `url` within the block."""
    process = subprocess.Popen(command, env={**os.environ, **env})
    try:
        for _ in range(600):
            try:
                httpx.get(url, timeout=5)
                break
            except httpx.TransportError:
                if process.poll() is not None:
                    sys.exit(f"bench: {command} ended with {process.returncode}")
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def reference(folder: Path, work: Path, mode: str) -> Iterator[dict[str, Any]]:
    """The bare endpoint as a target."""
    port = free_port()
    env = {"MODE": mode, "DB": str(work / "reference.db"), "PYTHONPATH": str(folder / "bench")}
    command = [sys.executable, "-m", "uvicorn", "reference:app", "--port", str(port), "--no-access-log"]
    base = f"http://127.0.0.1:{port}"
    with serving([*command, "--log-level", "warning"], f"{base}/count", env) as process:
        yield {"base": base, "path": "/alerts", "process": process}


@contextmanager
def desk(work: Path, auth: str) -> Iterator[dict[str, Any]]:
    """A desk of ours as a target."""
    port, folder = free_port(), work / f"desk-{auth}"
    folder.mkdir()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.bench.desk_process", str(folder), str(port), auth]
    with serving(command, f"{base}/health", {}) as process:
        secret = (folder / "secret").read_text()
        key = {"secret": secret} if auth == "hmac" else {"headers": {"Authorization": f"Bearer {secret}"}}
        yield {"base": base, "path": f"/alerts/{SOURCE}", "process": process, **key}


def cpu(process: psutil.Process) -> float:
    """Seconds of processor time that a server has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def measure(loadgen: ModuleType, target: dict[str, Any], count: int, one_in: int) -> dict[str, float]:
    """One round against one target."""
    tag = uuid.uuid4().hex[:8]
    spec = {**target, "alert": {"path": target["path"], "body": loadgen.ALERT}}
    before = cpu(target["process"])
    given = await loadgen.load(spec, "alert", count, CLIENTS, lambda i: f"{tag}-{i // one_in}", tag)
    took, failed, wall = given[0], given[1], given[2]
    if failed:
        sys.exit(f"bench: {target['base']} refused {failed}")
    used = (cpu(target["process"]) - before) / count * 1000
    return {"rate": count / wall, "cpu": used, "p50": loadgen.pct(took, 50), "p99": loadgen.pct(took, 99)}


def run(rounds: int, count: int, one_in: int) -> str:
    """Measure and return the table."""
    folder = shared()
    loadgen = load_generator(folder)
    signing(loadgen)
    taken: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="seventytwo-bench-")))
        targets = {
            "reference, sqlite": stack.enter_context(reference(folder, work, "sqlite")),
            "desk, bearer": stack.enter_context(desk(work, "bearer")),
            "desk, hmac": stack.enter_context(desk(work, "hmac")),
        }
        for turn in range(rounds + 1):
            for name in list(targets)[:: 1 if turn % 2 else -1]:
                got = asyncio.run(measure(loadgen, targets[name], count if turn else count // 4, one_in))
                if turn:  # the first, short round warms up
                    taken.setdefault(name, []).append(got)
    return table({name: taken[name] for name in targets})


def table(taken: dict[str, list[dict[str, float]]]) -> str:
    """Medians as Markdown, the ratio to the first row taken within each round."""
    rows = [
        "| target | alerts/s | p50 ms | p99 ms | CPU ms each | rate of the reference |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    first = next(iter(taken.values()))
    for name, rounds in taken.items():
        middle = {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        ratio = statistics.median(one["rate"] / base["rate"] for one, base in zip(rounds, first, strict=True))
        rows.append(
            f"| {name} | {middle['rate']:.0f} | {middle['p50']:.1f} | {middle['p99']:.1f} "
            f"| {middle['cpu']:.2f} | {ratio:.2f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--count", type=int, default=3000)
    asked.add_argument("--one-in", type=int, default=ONE_IN, help="alerts for each incident opened")
    given = asked.parse_args()
    told = run(given.rounds, given.count, given.one_in)
    sys.stdout.write(f"{told}\nload average: {' '.join(f'{one:.2f}' for one in os.getloadavg())}\n")
