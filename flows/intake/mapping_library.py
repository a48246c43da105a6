"""The mappings that are shipped: one file for each tool that needs no code, an ordinary kind of source."""

from __future__ import annotations

from importlib.resources import files

from flows.intake.adapters.adapter import Adapter
from flows.intake.adapters.mapped import adapter_of
from flows.intake.mapping import Mapping, parse_mapping

FOLDER = files("flows.intake") / "mappings"


def shipped_mappings() -> tuple[Mapping, ...]:
    """Every shipped mapping, by the name of its file; raises FileFaults where one is not as it must be."""
    found = sorted((one for one in FOLDER.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return tuple(parse_mapping(one.read_bytes(), one.name) for one in found)


def shipped_adapters() -> tuple[Adapter, ...]:
    """The adapters that the shipped mappings make."""
    return tuple(adapter_of(one) for one in shipped_mappings())
