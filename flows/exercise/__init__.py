"""Rehearsals: the same code against a clock of its own, with scripted responders where nobody plays."""
