"""Brings the deployments of prefect.yaml to a Prefect server in a few requests, and again at every start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema
from prefect.utilities.importtools import import_object

from flows.prefect_api import PrefectApi
from playbooks.errors import NotFound, Refused, SetupFault

PREFECT_YAML = Path(__file__).parent.parent / "prefect.yaml"
PoolType = Literal["warm", "process"]


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The flow at a dotted entry point; raises SetupFault where there is none."""
    try:
        found = import_object(entrypoint)
    except (ImportError, AttributeError) as missing:
        raise SetupFault("no flow there", which=entrypoint, mend=str(missing)) from missing
    if not isinstance(found, Flow):
        raise SetupFault("not a flow", which=entrypoint, mend="decorate it with @flow")
    return found


def deploy_all(
    api: PrefectApi,
    *,
    pool: str | None = None,
    pool_type: PoolType = "warm",
    file: Path = PREFECT_YAML,
) -> tuple[str, ...]:
    """Create or update every deployment of the file, with its work pool; the `flow/deployment` names.

    Runs that wait or are suspended stay; only runs a schedule made for the future are made anew.
    """
    declared = yaml.safe_load(file.read_text())["deployments"]
    for name in sorted({pool or entry["work_pool"]["name"] for entry in declared}):
        ensure_pool(api, name, pool_type)
    return tuple(_deploy(api, entry, pool or entry["work_pool"]["name"]) for entry in declared)


def ensure_pool(api: PrefectApi, name: str, pool_type: PoolType) -> None:
    """Make the work pool; raises SetupFault where one of that name has another type, which cannot change."""
    try:
        found = api.get(f"/work_pools/{name}")
    except NotFound:
        _create_pool(api, name, pool_type)
        return
    if found["type"] != pool_type:
        raise SetupFault(
            f"the work pool is of type {found['type']}, not {pool_type}",
            which=name,
            mend=f"use another pool, or remove it with: prefect work-pool delete {name}",
        )


def _create_pool(api: PrefectApi, name: str, pool_type: PoolType) -> None:
    try:
        api.post("/work_pools/", {"name": name, "type": pool_type})
    except Refused:  # made by somebody else since we looked
        if api.get(f"/work_pools/{name}")["type"] != pool_type:
            raise


def _deploy(api: PrefectApi, declared: Mapping[str, Any], pool: str) -> str:
    flow = load_flow(declared["entrypoint"])
    flow_id = api.post("/flows/", {"name": flow.name})["id"]
    body = {
        "name": declared["name"],
        "flow_id": flow_id,
        "entrypoint": declared["entrypoint"],
        "description": declared.get("description"),
        "tags": declared.get("tags", []),
        "parameters": declared.get("parameters", {}),
        "work_pool_name": pool,
        "path": ".",
        "pull_steps": [],
        "enforce_parameter_schema": True,
        "parameter_openapi_schema": parameter_schema(flow).model_dump(),
        "schedules": [
            {"active": True, "schedule": {"interval": schedule["interval"]}}
            for schedule in declared.get("schedules", [])
        ],
    }
    api.post("/deployments/", body)
    return f"{flow.name}/{declared['name']}"
