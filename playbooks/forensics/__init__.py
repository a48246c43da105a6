"""What the traces of a deed say: observables, who touched which records, and the scope that follows. Pure."""
