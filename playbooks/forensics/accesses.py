"""One access to records, as a line of an access log tells it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Access(NamedTuple):
    """Who touched what of whom, when; a text is empty and a number zero where the log does not say.

    `record` is the id of the one record touched; `records` how many, where the log gives a number (else 1).
    """

    at: datetime
    account: str
    client: str = ""
    system: str = ""
    record: str = ""
    records: int = 1
    action: str = ""
    bytes: int = 0
    address: str = ""
    host: str = ""
