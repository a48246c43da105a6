"""Establishing the scope: logs read, observables kept, reconstructions written down, a scope proposed."""
