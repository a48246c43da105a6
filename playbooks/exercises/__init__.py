"""Tabletop exercises as data: scenarios, the teams that play them, what was done, and what it is worth."""
