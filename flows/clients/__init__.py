"""The clients whose data we hold: their file, what it lacks, and how it is imported and read."""
