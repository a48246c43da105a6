"""What every command does before it does anything else."""

from __future__ import annotations

import os

import pytest
from typer.testing import CliRunner

from flows.cli.main import app


def test_no_command_lets_prefect_report_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DO_NOT_TRACK", raising=False)
    assert CliRunner().invoke(app, ["exercise", "--help"]).exit_code == 0
    assert os.environ["DO_NOT_TRACK"] == "1"
