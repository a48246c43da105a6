"""Which system holds whose data: the map's file, what it lacks, its import and reading."""
