"""Acts that a person says were done: telling somebody, as a rule of law or a contract asks. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from playbooks.contracts import CONTRACT_RULE
from playbooks.errors import Mend
from playbooks.fact_parsing import parse_value
from playbooks.fact_types import FactSpec
from playbooks.law import Rule


class Acts:
    """The acts that can be done under some rules; without any rule every name is taken."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._per = {rule.id: rule.per for rule in rules}

    def done(
        self, name: str, given: Any, *, of_a_case: bool, contract: bool, now: datetime | None
    ) -> datetime:
        """When the act was done; `Mend` where no rule asks for it of that subject, or this is no instant."""
        if name != CONTRACT_RULE:
            self._must_be_asked_for(name, of_a_case=of_a_case)
        elif not contract:
            raise Mend("there is no contract here", mend="put it in a case that states its `contract`")
        at = parse_value(FactSpec(name="act", type="instant", label=name), given, now=now)
        if not isinstance(at, datetime):
            raise Mend("an act that was done has its instant", mend="leave it out until it is done")
        return at

    def _must_be_asked_for(self, name: str, *, of_a_case: bool) -> None:
        if not self._per:
            return
        if name not in self._per:
            near = get_close_matches(name, self._per, n=3)
            mend = f"did you mean {' or '.join(near)}?" if near else "see `seventytwo law list`"
            raise Mend(f"`{name[:60]}` is no rule", mend=mend)
        if of_a_case and self._per[name] == "incident":
            where = "put it under the `acts` at the top"
            raise Mend(f"`{name}` is done once for the whole incident", mend=where)
