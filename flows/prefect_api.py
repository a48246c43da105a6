"""The few calls this product makes of the Prefect REST API: synchronous and thread-safe."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import httpx

from flows.prefect_views import (
    Accepted,
    Form,
    Keyset,
    Rejected,
    RunView,
    read_instant,
    read_outcome,
    read_run,
)
from notify.loopback import trusted
from playbooks.errors import NotFound, Refused, SetupFault, Unreachable

__all__ = ["Accepted", "Form", "Keyset", "PrefectApi", "Rejected", "RunView"]

BATCH = 200  # the server's default PREFECT_SERVER_API_DEFAULT_LIMIT, which it refuses to exceed
# The server answers 503, nothing written, while its SQLite is locked: the same request succeeds later.
BUSY = frozenset({429, 503})
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds
TIMEOUT = httpx.Timeout(30, connect=5)  # seconds; SQLite under load answers late, not never
# The server closes a connection idle for 5 s; giving it up earlier avoids writing into a closing one.
GLANCE = httpx.Timeout(2)  # seconds; for what may be left out
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=3)


class PrefectApi:
    """A synchronous client of one Prefect server, which may be shared by threads.

    Every call raises Unreachable where the server does not answer or fails, SetupFault where it
    refuses the auth string, NotFound where the run or deployment does not exist, Refused where the
    request itself is not acceptable.
    """

    def __init__(self, url: str, auth: str | None = None) -> None:
        headers = {"Authorization": f"Basic {base64.b64encode(auth.encode()).decode()}"} if auth else {}
        self.url = url.rstrip("/")
        trust = trusted(by_environment=False)
        self._client = httpx.Client(
            base_url=self.url, headers=headers, timeout=TIMEOUT, limits=LIMITS, trust_env=False, verify=trust
        )
        self._deployments: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the kept connections."""
        self._client.close()

    def reachable(self) -> bool:
        """Whether the server answers and reaches its database."""
        try:
            return self._request("GET", "/ready", None).status_code == httpx.codes.OK
        except Unreachable:
            return False

    def deployment_id(self, name: str) -> str:
        """The id of a deployment, `flow/deployment` or one word for both, looked up once."""
        if name not in self._deployments:
            flow, _, deployment = name.partition("/")
            found = self.get(f"/deployments/name/{quote(flow)}/{quote(deployment or flow)}")
            self._deployments[name] = found["id"]
        return self._deployments[name]

    def create_run(
        self,
        deployment: str,
        *,
        name: str,
        parameters: Mapping[str, Any],
        tags: Iterable[str] = (),
        idempotency_key: str,
    ) -> str:
        """The id of the run of this key, created now unless it was created before (in whatever state)."""
        body = {
            "name": name,
            "parameters": dict(parameters),
            "tags": sorted(tags),
            "idempotency_key": idempotency_key,
        }
        try:
            run = self.post(f"/deployments/{self.deployment_id(deployment)}/create_flow_run", body)
        except NotFound:  # the deployment was removed and made anew since its id was kept
            del self._deployments[deployment]
            run = self.post(f"/deployments/{self.deployment_id(deployment)}/create_flow_run", body)
        return str(run["id"])

    def read_runs(self, ids: Iterable[str]) -> dict[str, RunView]:
        """The runs of these ids, two hundred a request; an id that is missing was deleted."""
        wanted = sorted(set(ids))
        batches = [wanted[at : at + BATCH] for at in range(0, len(wanted), BATCH)]
        runs = [run for batch in batches for run in self._filter({"id": {"any_": batch}})]
        return {run.id: run for run in runs}

    def suspended_runs(self, tags: Iterable[str] = ()) -> list[RunView]:
        """Every run that waits for a person and bears all of these tags."""
        chosen: dict[str, Any] = {"state": {"type": {"any_": ["PAUSED"]}}}
        if wanted := sorted(tags):
            chosen["tags"] = {"all_": wanted}
        runs: list[RunView] = []
        while page := self._filter(chosen, offset=len(runs)):
            runs += page
            if len(page) < BATCH:
                break
        return runs

    def read_form(self, run_id: str) -> Form | None:
        """The form a run is suspended on; None where it asks nothing, or its form is not stored (yet)."""
        run = self.read_runs([run_id]).get(run_id)
        if run is None:
            raise NotFound("no such run in Prefect", which=run_id)
        return self.form_of(run)

    def form_of(self, run: RunView) -> Form | None:
        """As `read_form`, for a run already read."""
        if run.keyset is None or not run.is_suspended:
            return None
        schema = self._input(run.id, run.keyset.schema)
        if schema is None:
            return None
        description = self._input(run.id, run.keyset.description) or ""
        fields = schema.get("properties", {})
        initial = {field: about["default"] for field, about in fields.items() if "default" in about}
        return Form(schema, description, initial, run.keyset)

    def has_form(self, run: RunView) -> bool:
        """Whether a suspended run can be answered: a crash may have left it without its form."""
        return run.keyset is not None and self._input(run.id, run.keyset.schema) is not None

    def resume(self, run_id: str, values: Mapping[str, Any]) -> Accepted | Rejected:
        """Answer a run's form; the server checks it against the schema before anything runs."""
        try:
            return read_outcome(self.post(f"/flow_runs/{run_id}/resume", {"run_input": dict(values)}))
        except Unreachable:  # the server answers 500 to the resume of a deleted run
            if run_id not in self.read_runs([run_id]):
                raise NotFound("no such run in Prefect", which=run_id) from None
            raise

    def answer_created_at(self, run_id: str, keyset: Keyset) -> datetime | None:
        """When the server stored the answer of this form, or None while there is none."""
        found = self.post(f"/flow_runs/{run_id}/input/filter", {"prefix": keyset.response, "limit": BATCH})
        exact = (row["created"] for row in found if row["key"] == keyset.response)
        return read_instant(next(exact, None))

    def answer_keys(self, run_id: str) -> tuple[str, ...]:
        """The keys of every answer that a run holds."""
        found = self.post(f"/flow_runs/{run_id}/input/filter", {"prefix": "suspended-", "limit": BATCH})
        return tuple(row["key"] for row in found if row["key"].endswith("-response"))

    def delete_answer(self, run_id: str, key: str) -> bool:
        """Remove an answer the store has taken over; False where it was gone already."""
        return self._delete(f"/flow_runs/{run_id}/input/{quote(key, safe='')}")

    def reschedule(self, run_id: str, *, force: bool = False) -> Accepted | Rejected:
        """Put the same run back in the queue, its answers kept; `force` takes it from a lost worker."""
        return self.set_state(run_id, "SCHEDULED", "Rescheduled", force=force)

    def cancel(self, run_id: str) -> Accepted | Rejected:
        """Ask for a run's end: at once if it waits, by its worker if it runs."""
        return self.set_state(run_id, "CANCELLING", "Cancelling")

    def delete_run(self, run_id: str) -> bool:
        """Remove a run with its answers; False where it was gone already."""
        return self._delete(f"/flow_runs/{run_id}")

    def set_state(self, run_id: str, kind: str, name: str, *, force: bool = False) -> Accepted | Rejected:
        """Move a run to a state; cancelling a suspended run ends it at once, which counts as accepted."""
        body = {"state": {"type": kind, "name": name}, "force": force}
        answer = self.post(f"/flow_runs/{run_id}/set_state", body)
        reached = (answer.get("state") or {}).get("type")
        if kind == "CANCELLING" and reached in {"CANCELLING", "CANCELLED"}:
            return Accepted()
        return read_outcome(answer)

    def hang_table(self, run_id: str, key: str, table: Sequence[Mapping[str, str]], about: str) -> None:
        """Show a table among the artifacts of a run; asked once and briefly, as nothing depends on it."""
        self._hang("table", run_id, key, json.dumps([dict(row) for row in table]), about)

    def hang_markdown(self, run_id: str, key: str, text: str, about: str) -> None:
        """Show a text among the artifacts of a run, in the same way."""
        self._hang("markdown", run_id, key, text, about)

    def _hang(self, kind: str, run_id: str, key: str, data: str, about: str) -> None:
        body = {"type": kind, "key": key, "flow_run_id": run_id, "description": about, "data": data}
        try:
            _checked(self._client.request("POST", "/artifacts/", json=body, timeout=GLANCE))
        except httpx.TransportError as lost:
            raise Unreachable("Prefect does not answer", which=self.url, mend=str(lost)) from lost

    def get(self, path: str) -> Any:
        """The JSON at a path of the API."""
        return self.send("GET", path).json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to a JSON body."""
        return self.send("POST", path, body).json()

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """One request, repeated while the server is busy; a failure is told in errors of our tree."""
        answer = self._request(method, path, body)
        for pause in PAUSES:
            if answer.status_code not in BUSY:
                break
            time.sleep(pause)
            answer = self._request(method, path, body)
        return _checked(answer)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        try:
            try:
                return self._client.request(method, path, json=body)
            except (
                httpx.RemoteProtocolError,
                httpx.ReadError,
            ):  # closed by the server after an error it told
                if method != "GET" and not path.endswith("/filter"):
                    raise  # it may have been done
                return self._client.request(method, path, json=body)
        except httpx.TransportError as lost:
            raise Unreachable("Prefect does not answer", which=self.url, mend=str(lost)) from lost

    def _filter(self, chosen: Mapping[str, Any], *, offset: int = 0) -> list[RunView]:
        body = {"flow_runs": chosen, "limit": BATCH, "offset": offset}
        return [read_run(run) for run in self.post("/flow_runs/filter", body)]

    def _input(self, run_id: str, key: str) -> Any:
        try:
            return self.get(f"/flow_runs/{run_id}/input/{quote(key, safe='')}")
        except NotFound:
            return None

    def _delete(self, path: str) -> bool:
        try:
            self.send("DELETE", path)
        except NotFound:
            return False
        return True


def _checked(answer: httpx.Response) -> httpx.Response:
    """The answer itself, unless its status is one of our errors."""
    which = f"{answer.request.method} {answer.request.url.path}: {answer.status_code}"
    if answer.is_success:
        return answer
    if answer.status_code in {401, 403}:
        raise SetupFault("Prefect refuses the auth string", which=which, mend="set PREFECT_API_AUTH_STRING")
    if answer.status_code == 404:
        raise NotFound("nothing of that name in Prefect", which=which)
    if answer.status_code >= 500 or answer.status_code in {408, 429}:
        raise Unreachable("Prefect cannot answer now", which=which)
    raise Refused("Prefect refuses the request", which=which, mend=answer.text[:300])
