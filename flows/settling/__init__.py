"""What an accepted answer brings about, for each kind of question."""
