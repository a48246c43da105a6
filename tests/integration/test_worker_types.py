"""The same deployments run on the stock workers, and by `prefect deploy --all`."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from flows.deploying import PREFECT_YAML, PoolType, ensure_pool
from flows.prefect_api import Accepted
from playbooks.errors import SetupFault
from tests.harness.prefect import ROOT, Prefect

pytestmark = pytest.mark.prefect


@pytest.mark.parametrize("worker_type", [pytest.param("process", marks=pytest.mark.soak), "warm"])
def test_prefect_worker_start_runs_the_deployments_unchanged(prefect: Prefect, worker_type: PoolType) -> None:
    prefect.deploy(pool := f"stock-{worker_type}", worker_type)
    with prefect.stock(pool, worker_type):
        run = prefect.ask(f"stock-{worker_type}")
        assert prefect.api.resume(run, {"decision": "yes"}) == Accepted()
        prefect.reached(run, "COMPLETED")


def test_prefect_deploy_all_makes_every_declared_deployment(prefect: Prefect) -> None:
    declared = {entry["name"]: entry for entry in yaml.safe_load(PREFECT_YAML.read_text())["deployments"]}
    ensure_pool(prefect.api, "seventytwo", "warm")
    subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        env=prefect.env(),
        check=True,
        capture_output=True,
        timeout=300,
    )
    for name, entry in declared.items():
        made = prefect.api.get(f"/deployments/name/{name}/{name}")
        assert (made["entrypoint"], made["pull_steps"]) == (entry["entrypoint"], [])
        assert [plan["schedule"]["interval"] for plan in made["schedules"]] == [
            plan["interval"] for plan in entry.get("schedules", [])
        ]


def test_a_pool_of_another_type_is_a_fault(prefect: Prefect) -> None:
    ensure_pool(prefect.api, "one-type", "warm")
    ensure_pool(prefect.api, "one-type", "warm")
    with pytest.raises(SetupFault, match="type warm, not process"):
        ensure_pool(prefect.api, "one-type", "process")
