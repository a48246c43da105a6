"""The `warm` worker: a Prefect worker that runs flows in threads of its own process.

`prefect worker start --pool seventytwo` finds it through the entry point group `prefect.collections`;
`WARM_WORKER`, a command line, starts it quicker. (Run with `-m`, this module would be loaded twice.)
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import anyio
import anyio.abc
from anyio.to_thread import run_sync
from prefect import flow_engine
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL
from prefect.types import _datetime
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from flows.lanes import Lanes
from flows.prefect_api import PrefectApi
from flows.prefect_views import REHEARSED
from playbooks.errors import NotFound, SeventytwoError

logger = logging.getLogger(__name__)

WARM_WORKER = (sys.executable, "-c", "from flows.worker import main; main()")
THREADS = 3  # on SQLite more threads only make the server wait on itself
POLL_SECONDS = 0.2  # a glance costs the server about 2 ms
CANCEL_SECONDS = 1.0
GRACE_SECONDS = 10.0  # for the runs in hand, when the worker is told to stop


class WarmWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Runs flow runs in at most `limit` threads of this process; a suspension counts as success.

    From the environment: SEVENTYTWO_THREADS, SEVENTYTWO_POLL_SECONDS and SEVENTYTWO_GRACE_SECONDS.
    """

    type = "warm"
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables
    _display_name = "Warm"
    _description = "Runs flows in threads of one long-lived process."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["limit"] = kwargs.get("limit") or int(os.environ.get("SEVENTYTWO_THREADS", THREADS))
        super().__init__(*args, **kwargs)
        self._poll_seconds = float(os.environ.get("SEVENTYTWO_POLL_SECONDS", POLL_SECONDS))
        self._grace_seconds = float(os.environ.get("SEVENTYTWO_GRACE_SECONDS", GRACE_SECONDS))
        self._api = PrefectApi(PREFECT_API_URL.value() or "", PREFECT_API_AUTH_STRING.value())
        self._wake = asyncio.Event()
        self._stopping = False
        self._reached = True

    async def start(
        self,
        run_once: bool = False,
        with_healthcheck: bool = False,  # noqa: ARG002 - Prefect's command line serves that check itself
        printer: Callable[..., None] = print,
    ) -> None:
        """Run what is due until SIGTERM or SIGINT; then finish what is in hand, or hand it back."""
        loop = asyncio.get_running_loop()

        def freed() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        lanes = Lanes(cast("int", self._limit), freed=freed)
        with _on_signals(loop, self.stop), _without_observers():
            async with self, anyio.create_task_group() as loops:
                printer(f"Worker {self.name!r} started!")
                loops.start_soon(_every, self.heartbeat_interval_seconds, self.sync_with_backend)
                loops.start_soon(_every, CANCEL_SECONDS, lambda: self._cancel(lanes))
                await self._poll(lanes, once=run_once)
                await self._finish(lanes, None if run_once else self._grace_seconds)
                loops.cancel_scope.cancel()
        printer(f"Worker {self.name!r} stopped!")

    def stop(self) -> None:
        """Take no more runs, and end once those in hand are finished or handed back."""
        self._stopping = True
        self._wake.set()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Refuse: this worker takes its runs from its pool only, in `start`."""
        raise NotImplementedError("the warm worker runs deployments of its work pool only")

    async def _poll(self, lanes: Lanes, *, once: bool) -> None:
        """Look for due runs at short intervals, and at once when a lane is freed."""
        while not self._stopping:
            self._wake.clear()
            await self._take_due(lanes)
            if once:
                return
            with anyio.move_on_after(self._poll_seconds):
                await self._wake.wait()

    async def _take_due(self, lanes: Lanes) -> None:
        self._last_polled_time = _datetime.now("UTC")
        if not lanes.free:
            return
        try:
            for run in await run_sync(self._due_runs):
                lanes.take(run)
        except NotFound:
            return  # no such pool: the next heartbeat makes it
        except SeventytwoError as lost:
            self._say_reached(reached=False, why=str(lost))
            return
        self._say_reached(reached=True)

    def _due_runs(self) -> list[FlowRun]:
        """The runs that are due, real ones first, then the oldest.

        A cheap look first, for asking properly costs the server nine times more.
        """
        before = datetime.now(UTC).isoformat()
        due = {
            "state": {"type": {"any_": ["SCHEDULED"]}},
            "next_scheduled_start_time": {"before_": before},
        }
        if not self._api.post("/flow_runs/count", {"flow_runs": due}):
            return []
        body: dict[str, Any] = {"scheduled_before": before}
        if self._work_queues:
            body["work_queue_names"] = sorted(self._work_queues)
        found = self._api.post(f"/work_pools/{self._work_pool_name}/get_scheduled_flow_runs", body)
        runs = [entry.flow_run for entry in WorkerFlowRunResponse.model_validate_list(found)]
        return sorted(runs, key=lambda run: REHEARSED in run.tags)

    async def _cancel(self, lanes: Lanes) -> None:
        """Move runs in hand that a person cancels to Cancelled; their thread ends on its own, fenced off."""
        if lanes.held:
            await run_sync(self._cancel_held, lanes)

    def _cancel_held(self, lanes: Lanes) -> None:
        for run in self._api.read_runs(map(str, lanes.held)).values():
            if run.state_type == "CANCELLING":
                lanes.mark_cancelled(UUID(run.id))
                self._api.set_state(run.id, "CANCELLED", "Cancelled", force=True)

    async def _finish(self, lanes: Lanes, grace: float | None) -> None:
        """Wait for the runs in hand; those that outlast `grace` seconds go back to the queue."""
        with anyio.move_on_after(grace) as waited:
            while lanes.held:
                self._wake.clear()
                await self._wake.wait()
        if waited.cancelled_caught:
            await run_sync(self._hand_back, lanes)

    def _hand_back(self, lanes: Lanes) -> None:
        for run in self._api.read_runs(map(str, lanes.held)).values():
            if run.state_type in {"PENDING", "RUNNING"}:
                logger.warning("run %s is handed back unfinished", run.id)
                self._api.reschedule(run.id, force=True)

    def _say_reached(self, *, reached: bool, why: str = "") -> None:
        if reached != self._reached:
            logger.warning("Prefect answers again" if reached else f"the worker keeps asking: {why}")
        self._reached = reached


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await anyio.sleep(seconds)
        try:
            await act()
        except Exception:  # the loop that must go on: the server may be back at the next turn
            logger.warning("the worker could not reach Prefect, and tries again", exc_info=True)


@contextmanager
def _on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    yield
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)


@contextmanager
def _without_observers() -> Iterator[None]:
    """Run flows without Prefect's look-out for a suspension from outside, which no run of ours waits for.

    It takes a thread, an event loop and a websocket for every run of a deployment, 40 ms to begin and up to
    200 ms to end; a run that somebody suspends in its few moments of running is mended by reconcile.
    """
    engine: Any = flow_engine  # to the type checker, a name that it imports is not its own
    kept = engine.observe_flow_run_suspension
    engine.observe_flow_run_suspension = _no_observer
    try:
        yield
    finally:
        engine.observe_flow_run_suspension = kept


@contextmanager
def _no_observer(_run_id: UUID, _request: object) -> Iterator[None]:
    yield


def main() -> None:
    """Run a warm worker until it is told to stop."""
    parser = argparse.ArgumentParser(description="Runs the flows of a work pool of type warm.")
    parser.add_argument("--pool", default="seventytwo")
    parser.add_argument("--name", default=None)
    given = parser.parse_args()
    worker = WarmWorker(work_pool_name=given.pool, name=given.name)
    asyncio.run(worker.start())
    sys.stdout.flush()
    os._exit(0)  # a thread in the middle of a run that was handed back must not keep the process
