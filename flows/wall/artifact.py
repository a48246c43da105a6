"""The wall of clocks among the artifacts of a run in Prefect: references only, hung when a form is put."""

from __future__ import annotations

import logging

from flows.clock import incident_now, wall_now
from flows.exercise_channel import mark
from flows.gathering import cases_of
from flows.house import House
from flows.incidents import find_incident
from flows.wall.rows import team_zone, wall_of
from notify.moments import in_utc
from notify.wall_view import ClockRow, Wall

log = logging.getLogger("seventytwo.artifact")

SHOWN = 60
"""How many clocks the table holds, and of how many cases it tells the clients' own; the page has them all."""


def hang_wall(home: House, ref: str, run_id: str) -> None:
    """Show on a run how its incident's clocks stand; whatever goes wrong is logged and stops nothing."""
    try:
        wall_at = wall_now()
        with home.store.reading() as session:
            incident = find_incident(session, ref)
            few = len(cases_of(session, incident.id or 0)) <= SHOWN
            now = incident_now(session, incident, wall_at)
            wall = wall_of(home, session, incident, now, with_clients=few)
            of = f"{mark(incident)}Clocks of {ref}"
            table = table_of(wall, team_zone(home, session))
        page = f"{home.settings.desk_url}/i/{ref}"
        about = f"{of} as of {in_utc(wall.now)}, when this form was put. The clocks now: {page}"
        home.api.hang_table(run_id, f"clocks-{ref.lower()}", table, about)
    except Exception:  # the form matters, the table beside it does not
        log.warning("the wall of %s is not on its run", ref, exc_info=True)


def table_of(wall: Wall, zone_name: str) -> list[dict[str, str]]:
    """The rows of the table: our clocks that run, then the clients' own."""
    rows = [*wall.owed, *wall.presumed, *wall.unnumbered, *wall.shadows]
    table = [_cells(row, zone_name) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        table.append(dict.fromkeys(table[0], "") | {"stands": f"and {len(rows) - SHOWN} more"})
    return table


def _cells(row: ClockRow, zone_name: str) -> dict[str, str]:
    times = row.times(zone_name)
    whose = "the client's own" if row.is_shadow else row.state
    return {
        "stands": row.headline,
        "due": times[0] if times else row.no_number,
        "case": row.case_ref,
        "rule": row.rule,
        "to": row.recipient,
        "by other clocks": " | ".join(times[1:]),
        "duty": whose,
        "remarks": "; ".join(row.remarks),
    }
