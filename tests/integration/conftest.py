"""Fixtures of the tests that run against real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.prefect import Prefect, prefect_server


@pytest.fixture(scope="session")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """One Prefect server for all tests; each deploys to a pool of its own name."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as running:
        yield running
