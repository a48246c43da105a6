"""Whether requirements.lock is in date: whole, hashed, without addresses, as pyproject.toml asks."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def pins(text: str) -> dict[str, str]:
    """Every pinned package of a lock file with its version."""
    found = (PIN.match(line) for line in text.splitlines())
    return {canonicalize_name(match[1]): match[2] for match in found if match}


def asked(pyproject: dict) -> list[Requirement]:  # type: ignore[type-arg]
    """What the project asks for, its development tools among it."""
    project = pyproject["project"]
    return [
        Requirement(line) for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    ]


def faults(lock: str, requirements: list[Requirement]) -> Iterator[str]:
    """Everything that is wrong with the lock, one line each."""
    pinned = pins(lock)
    if re.search(r"https?://|--(extra-)?index-url|--find-links", lock):
        yield "the lock names an address: resolve it with `make lock`"
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock)
    yield from (
        f"{b.split('==')[0]} has no hash" for b in blocks if PIN.match(b) and "--hash=sha256:" not in b
    )
    yield from _unsatisfied(requirements, pinned)
    yield from _of_installed(pinned)


def _unsatisfied(requirements: list[Requirement], pinned: dict[str, str]) -> Iterator[str]:
    for wanted in requirements:
        version = pinned.get(canonicalize_name(wanted.name))
        if version is None:
            yield f"{wanted.name} is not locked: run `make lock`"
        elif not wanted.specifier.contains(version, prereleases=True):
            yield f"{wanted.name} is locked at {version}, which is not {wanted.specifier}: run `make lock`"


def _of_installed(pinned: dict[str, str]) -> Iterator[str]:
    """What the installed packages ask for beyond the lock: a lock that is whole leaves nothing out."""
    for name in pinned:
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # for another platform
        for wanted in map(Requirement, needs):
            is_here = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
            if is_here:
                yield from _unsatisfied([wanted], pinned)


def main() -> int:
    """Print every fault; 1 if there is any."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = sorted(set(faults((ROOT / "requirements.lock").read_text(), asked(pyproject))))
    print("\n".join(found) or "requirements.lock is in date")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
