"""Which lines of a CSV log leave nothing to doubt: any reader reads them alike, so the fast one may.

Everything else goes to the reference reader, line by line: what is broken or mended is decided there alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flows.forensics.log_sources import LogSource
from flows.forensics.reader import column_names
from flows.forensics.row_reading import FIELDS

MOST_CHARACTERS = 900_000
"""Of one plain line; safely below what the reference takes for too long."""

_DAYS = r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
"""Every month and day but 29 February, which the reference reads."""
_YEARS = r"20(?:0[1-9]|[1-8]\d|9[0-8])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_OFFSET = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)?"
TIMES = {
    "iso": rf"{_YEARS}-{_DAYS}[T ]{_CLOCK}(?:\.\d{{1,6}})?{_OFFSET}",
    "epoch": r"(?:9[5-9]\d{7}|[1-3]\d{9})(?:\.\d{1,6})?",
    "epoch_ms": r"(?:9[5-9]\d{10}|[1-3]\d{12})",
}
_NUMBER = r"(?:\d{1,15}|-)?"
_USED_OTHERWISE = re.compile(r"[\w\s\".:+\\-]|[^ -~\t]", re.ASCII)


def plain_lines(source: LogSource, header: Sequence[str], *, is_utf8: bool) -> re.Pattern[bytes] | None:
    """A pattern that matches as many plain lines as follow one another; None where no line is plain.

    Bytes beyond ASCII are plain where the whole chunk is known to be UTF-8.
    """
    delimiter = source.delimiter
    if source.time not in TIMES or (_USED_OTHERWISE.match(delimiter) and delimiter != "\t"):
        return None
    of = _of_columns(source, header)
    most = min(9_999, MOST_CHARACTERS // len(header))
    plain = rf'[^"\r\n\0{re.escape(delimiter)}{"" if is_utf8 else chr(92) + "x80-" + chr(92) + "xff"}]'
    quoted = plain.replace(re.escape(delimiter), "", 1)
    text = rf'(?:{plain}{{0,{most}}}+|"{quoted}{{0,{most}}}+")'
    columns = [_column(of.get(place, ""), text) for place in range(len(header))]
    line = re.escape(delimiter).join(columns) + r"\r?\n"
    return re.compile(rf"(?:{line})*+".encode("latin-1"))


def _of_columns(source: LogSource, header: Sequence[str]) -> dict[int, str]:
    names, columns = column_names(header), source.columns.named
    kinds = {"at": TIMES[source.time], "records": _NUMBER, "bytes": _NUMBER}
    return {names.index(columns[one]): kinds[one] for one in FIELDS if one in columns and one in kinds}


def _column(kind: str, text: str) -> str:
    return rf'(?:{kind}|"{kind}")' if kind else text
