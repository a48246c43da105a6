"""Identifiers as CACAO wants them, `type--uuid`, made from names so that a repeat gives the same bytes."""

from __future__ import annotations

import re
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from playbooks.models import Playbook

_OURS: Final = uuid5(NAMESPACE_URL, "urn:seventytwo:cacao")
IDENTIFIER: Final = re.compile(
    r"[a-z][a-z0-9-]+[a-z0-9]--[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}",
    re.ASCII,
)
"""The shape of an identifier (CACAO 2.0, section 10.10)."""


def typed_id(kind: str, *parts: str) -> str:
    """Return the identifier of that type which these names always give."""
    return f"{kind}--{uuid5(_OURS, chr(31).join((kind, *parts)))}"


IDENTITY: Final = typed_id("identity", "seventytwo")
"""Who created what is exported: the tool, for a playbook names no person."""
EXTENSION: Final = typed_id("extension-definition", "playbook", "1")
"""Our extension, version 1: what CACAO has no words for."""


def playbook_id(playbook: Playbook) -> str:
    """Return the identifier of exactly this version of a playbook."""
    return typed_id("playbook", playbook.id, playbook.version)
