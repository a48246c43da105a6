"""Rules written into folders, and alerts to ask them about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from playbooks.alerts.rules import AlertRules, load_alert_rules
from playbooks.alerts.view import AlertView
from playbooks.errors import FileFaults

WHY = "Because a test wants it."


def alert(**known: Any) -> AlertView:
    """An alert of an unknown tool, with what a test says of it."""
    return AlertView(**{"source": "siem", "kind": "generic", **known})


def written(folder: Path, text: str | dict[str, Any], name: str = "rules.yaml") -> Path:
    """The folder, with these rules in a file."""
    folder.mkdir(exist_ok=True)
    folder.joinpath(name).write_text(text if isinstance(text, str) else yaml.safe_dump(text, sort_keys=False))
    return folder


def correlating(tmp_path: Path, *rules: dict[str, Any]) -> AlertRules:
    """Rules in which these alone hold alerts together; the shipped ones are off."""
    shipped = [entry.id for entry in load_alert_rules().entries if entry.section == "correlation"]
    off = [{"id": one, "off": True} for one in shipped]
    given = [{"window": "1h", "why": WHY, **rule} for rule in rules]
    return load_alert_rules([written(tmp_path / "own", {"correlation": [*off, *given]})])


def faults_of(folder: Path) -> str:
    """All faults of a folder's rules, each on a line; empty where there is none."""
    try:
        load_alert_rules([folder])
    except FileFaults as faults:
        return str(faults).replace(f"{folder}/", "")
    return ""
