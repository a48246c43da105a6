"""The wall of clocks: one row for every surface, as JSON, as a table on a run, as a printed sheet."""
