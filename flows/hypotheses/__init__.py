"""How it may have happened: hypotheses proposed, spoken for and against, decided by a responder."""
