"""Who touched what, as the report and the page tell it: by client, within what a reader may see. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from notify.access_picture import AccessPicture, Bar, Mark, Series
from notify.access_svg import SERIES
from notify.report_access import AccessLine, AccessView, LogStanding
from playbooks.fact_types import Range
from playbooks.forensics.result import ClientLine, Result
from playbooks.forensics.scope import ClientScope, Proposal

NONE_NAMED = "no client named"
OTHERS = "others"
MOST_COLUMNS = 180
MOST_BARS = 25
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def access_view(
    number: int, read_at: datetime, result: Result, proposal: Proposal | None, only: Collection[str] | None
) -> AccessView:
    """The reconstruction of that number; with `only` that of these clients, without the logs.

    How sure a number is comes with it, why does not: a log or a system may bear another client's name.
    """
    clients = [one for one in result.clients if only is None or one.client in only]
    scopes = {one.client: one for one in proposal.clients} if proposal else {}
    seen = [scopes[one.client] for one in clients if one.client in scopes]
    return AccessView(
        ref=f"R{number}",
        since=result.since,
        until=result.until,
        read_at=read_at,
        whose=_whose(result),
        lines=tuple(_line(one, scopes.get(one.client), says_why=only is None) for one in clients),
        logs=() if only is not None else _logs(result),
        findings=() if only is not None else (proposal.findings if proposal else result.findings),
        categories=tuple(sorted({word for one in seen for word in one.categories})),
        jurisdictions=tuple(sorted({word for one in seen for word in one.jurisdictions})),
        picture=_picture(result, clients) if clients else None,
    )


def records_words(records: Range) -> str:
    """A count or range as people read it."""
    if records.high is None:
        return f"{records.low:,} or more"
    return f"{records.low:,}" if records.low == records.high else f"{records.low:,} to {records.high:,}"


def after_hours_words(line: ClientLine) -> str:
    """The share of accesses outside the hours, in words."""
    share = line.share_after_hours
    return "hours unknown" if share is None else f"{share:.0%}"


def _whose(result: Result) -> str:
    if result.accounts is None:
        return "every account"
    count = len(result.accounts)
    return (
        "the one account, address or host named"
        if count == 1
        else f"{count} accounts, addresses or hosts named"
    )


def _line(line: ClientLine, scope: ClientScope | None, *, says_why: bool) -> AccessLine:
    return AccessLine(
        client=line.client or NONE_NAMED,
        systems=line.systems,
        records=records_words(line.records),
        accesses=line.accesses,
        accounts=line.accounts,
        first=line.first,
        last=line.last,
        after_hours=after_hours_words(line),
        bulk=tuple(f"{one.since:%d %b %H:%MZ}: {one.told}" for one in line.downloads),
        confidence=scope.confidence if scope else "",
        why=scope.why if scope and says_why else (),
    )


def _logs(result: Result) -> tuple[LogStanding, ...]:
    return tuple(
        LogStanding(one.source, one.system, one.rows, one.matched, one.broken, one.first, one.last)
        for one in result.logs
    )


def _picture(result: Result, clients: Sequence[ClientLine]) -> AccessPicture:
    """The time between first and last access, in columns wide enough to be seen."""
    hours = {one.client: result.hours.get(one.client, {}) for one in clients}
    first = min((min(own) for own in hours.values() if own), default=0)
    last = max((max(own) for own in hours.values() if own), default=first)
    wide = next(w for w in (1, 2, 3, 6, 12, 24, 48, 168, 10**6) if (last - first + 1) / w <= MOST_COLUMNS)
    first -= first % wide
    return AccessPicture(
        title="Accesses over time, and records by client",
        start=_EPOCH + first * _HOUR,
        step=wide * _HOUR,
        steps=(last - first) // wide + 1,
        series=_series(hours, clients, first, wide),
        marks=tuple(Mark(one.since, one.told) for client in clients for one in client.downloads),
        bars=tuple(
            Bar(
                one.client or NONE_NAMED,
                one.records.low,
                one.records.high,
                f"{records_words(one.records)} records",
            )
            for one in sorted(clients, key=lambda one: -(one.records.high or one.records.low))[:MOST_BARS]
        ),
    )


def _series(
    hours: Mapping[str, Mapping[int, int]], clients: Sequence[ClientLine], first: int, wide: int
) -> tuple[Series, ...]:
    """The busiest clients each by themselves, the rest together."""
    busiest = [one.client for one in sorted(clients, key=lambda one: -one.accesses)]
    alone = busiest if len(busiest) <= len(SERIES) else busiest[: len(SERIES) - 1]
    groups = [(client or NONE_NAMED, [client]) for client in alone]
    if rest := busiest[len(alone) :]:
        groups.append((OTHERS, rest))
    return tuple(Series(label, _counts([hours[one] for one in own], first, wide)) for label, own in groups)


def _counts(hours: Sequence[Mapping[int, int]], first: int, wide: int) -> tuple[tuple[int, int], ...]:
    columns: dict[int, int] = {}
    for own in hours:
        for hour, count in own.items():
            place = (hour - first) // wide
            columns[place] = columns.get(place, 0) + count
    return tuple(sorted(columns.items()))
