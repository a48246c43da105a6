"""The threads in which a warm worker runs its flows."""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import SyncClientContext
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow_sync
from prefect.settings import (
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from prefect.states import Cancelled, Crashed, Pending
from prefect.utilities.engine import propose_state_sync

from flows.deploying import load_flow
from playbooks.errors import SetupFault

logger = logging.getLogger(__name__)

# Prefect's heartbeat thread holds every finished run for up to a second, and nothing of ours listens to it.
LANE_SETTINGS = {
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,
}


class Lanes:
    """A fixed number of threads that each carry one flow run at a time.

    `freed` is called, in the lane's thread, whenever a run is let go. A flow holds its question's lease
    itself (`flows.leases`), so that any worker may run it, and a lane that dies with its process is found.
    """

    def __init__(self, count: int, *, freed: Callable[[], None]) -> None:
        self.count = count
        self._freed = freed
        self._waiting: queue.SimpleQueue[FlowRun] = queue.SimpleQueue()
        self._held: set[UUID] = set()
        self._cancelled: set[UUID] = set()
        self._guard = threading.Lock()
        self._flows: dict[UUID, Flow[..., Any]] = {}
        for at in range(count):
            _start(self._lane, f"lane-{at}")

    @property
    def held(self) -> frozenset[UUID]:
        """The runs in hand: taken over and not yet let go."""
        with self._guard:
            return frozenset(self._held)

    @property
    def free(self) -> int:
        """How many more runs can be taken."""
        return self.count - len(self.held)

    def take(self, run: FlowRun) -> bool:
        """Take a run over, unless it is in hand already or no lane is free."""
        with self._guard:
            if run.id in self._held or len(self._held) >= self.count:
                return False
            self._held.add(run.id)
        self._waiting.put(run)
        return True

    def mark_cancelled(self, run_id: UUID) -> None:
        """Remember that a person cancelled a run in hand: its thread may yet report another end."""
        with self._guard:
            self._cancelled |= {run_id} & self._held

    def _lane(self) -> None:
        # One client per lane: making one anew for each run costs more than the run's requests.
        with temporary_settings(updates=LANE_SETTINGS), SyncClientContext.get_or_create() as api:
            while True:
                run = self._waiting.get()
                try:
                    self._carry(run, api.client)
                    self._keep_cancelled(run.id, api.client)
                except Exception:  # the loop that must go on: a lost run is found by its lease
                    logger.exception("run %s was lost on the way", run.id)
                finally:
                    self._let_go(run)

    def _carry(self, run: FlowRun, api: SyncPrefectClient) -> None:
        """Claim a run, then run its flow to its end or to its next suspension."""
        try:
            run.state = propose_state_sync(api, Pending(), flow_run_id=run.id)
            if run.state.is_pending() and (flow := self._flow_of(run, api)):
                run_flow_sync(flow, flow_run=run, parameters=run.parameters, return_type="state")
        except Pause:
            pass  # suspended: the run's own success
        except Abort as refused:  # claimed by another worker, cancelled, or deleted meanwhile
            logger.info("run %s is not ours to run: %s", run.id, refused)
        except httpx.HTTPError as lost:
            logger.warning("Prefect was lost during run %s: %s", run.id, lost)

    def _keep_cancelled(self, run_id: UUID, api: SyncPrefectClient) -> None:
        """Prefect lets a thread's late Completed or Failed replace Cancelled: set that right."""
        if run_id in self._cancelled:
            api.set_flow_run_state(run_id, Cancelled(), force=True)

    def _flow_of(self, run: FlowRun, api: SyncPrefectClient) -> Flow[..., Any] | None:
        """The flow of a run, imported once; None, the run ended, where it cannot be had."""
        assert run.deployment_id is not None
        try:
            if run.deployment_id not in self._flows:
                entrypoint = api.read_deployment(run.deployment_id).entrypoint
                self._flows[run.deployment_id] = load_flow(entrypoint or "")
        except ObjectNotFound:
            gone: State[Any] = Cancelled(message="Its deployment no longer exists.")
            propose_state_sync(api, gone, flow_run_id=run.id)
            return None
        except SetupFault as fault:
            logger.exception("run %s cannot be started", run.id)
            propose_state_sync(api, Crashed(message=str(fault)), flow_run_id=run.id)
            return None
        return self._flows[run.deployment_id]

    def _let_go(self, run: FlowRun) -> None:
        with self._guard:
            self._held.discard(run.id)
            self._cancelled.discard(run.id)
        self._freed()


def _start(target: Callable[[], None], name: str) -> None:
    """Start a thread that sees this thread's Prefect settings and does not outlive the process."""
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(target,), name=name, daemon=True).start()
