"""Simulations from the command line: what they start from, what was learned, how it is told."""
