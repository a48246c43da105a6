"""Playbooks as CACAO 2.0 documents (OASIS), out and in again, with every gap stated. Pure."""
