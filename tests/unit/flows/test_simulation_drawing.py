"""What of a simulation is drawn says the same as its figures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.settings import Settings
from flows.simulation.drawing import picture_of
from flows.simulation.preparing import Wish, prepare
from flows.simulation.reporting import report_on

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def test_the_curve_of_many_clients_ends_at_the_share_of_them_that_were_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEVENTYTWO_DATA", str(tmp_path / "data"))
    wish = Wish("unclassified-incident", roster="usual", runs=3, storm=8, opens_at=MONDAY)
    report = report_on(prepare(wish, Settings.from_env(), MONDAY), with_advice=False)
    drawn = picture_of(report).missed
    ends = [len(one.told) / one.of for one in drawn]
    told = [(one.met.of if one.met else 0) / one.missed.of for one in report.found.clocks[: len(drawn)]]
    assert any(len(one.cases) > 1 for one in report.found.clocks)
    assert ends == pytest.approx(told, abs=0.02)
