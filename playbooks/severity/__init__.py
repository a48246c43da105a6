"""How bad a breach is for the people affected, as methods would say it: advice, never the legal test."""
