"""The demo: an exercise on a stepped clock, from a signed alert to the report, with nobody playing."""
